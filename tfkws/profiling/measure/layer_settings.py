"""How layers are timed. Pure, so that a command can read it before any backend is imported."""

from dataclasses import dataclass

from tfkws.errors import BenchmarkError

DEVICES = ("cpu", "gpu")
MODES = ("compiled", "eager")


@dataclass(frozen=True)
class LayerSettings:
    """How layers are timed; the defaults are paper A's five trials of twenty passes.

    Attributes:
        mode: "compiled" runs each layer as a compiled function of its own; "eager" calls it as Python does, with the
            backend's and Keras' cost of a call, as forward hooks see it.
        threads: cores of the CPU that the process may use; 0 for all.
        passes: in each trial; fewer, at least three, where they would take longer than `seconds`.
        warmup_passes: before the first trial, after everything was compiled.
    """

    device: str = "cpu"
    mode: str = "compiled"
    threads: int = 1
    trials: int = 5
    passes: int = 20
    warmup_passes: int = 2
    seconds: float = 5.0

    def __post_init__(self) -> None:
        for name in ("trials", "passes", "warmup_passes"):
            if getattr(self, name) < 1:
                raise BenchmarkError(f"{name} must be at least 1. Received {getattr(self, name)}.")
        for name, allowed in (("device", DEVICES), ("mode", MODES)):
            if getattr(self, name) not in allowed:
                raise BenchmarkError(f"{name} must be {' or '.join(allowed)}. Received {getattr(self, name)!r}.")
