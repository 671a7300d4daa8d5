"""What the trace of a compiled network returns: busy time and kernels of each layer, or fused group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

KIND = "keras-layers-trace"


@dataclass(frozen=True)
class TracedLayer:
    """One layer, in execution order.

    Attributes:
        layer: its class.
        category: of paper A's table.
        weight_bytes: everything it stores.
        bytes_moved: inputs, weights and output, each once, in float32.
        hooks_us: mean time of the layer called by itself, as a framework's hooks see it; None where it was not
            measured.
    """

    name: str
    layer: str
    category: str
    macs: int
    params: int
    weight_bytes: int
    bytes_moved: int
    hooks_us: float | None = None


@dataclass(frozen=True)
class TraceRow:
    """The kernels that serve the same layers: one layer, or several that the compiler fused.

    Attributes:
        layers: names in execution order; empty for the kernels that could not be given to any.
        kernels: in one call, mean over all.
        kernel_names: each once.
        busy_us: of each repeat, the mean of one call.
    """

    layers: tuple[str, ...]
    kernels: float
    kernel_names: tuple[str, ...]
    busy_us: tuple[float, ...]


@dataclass(frozen=True)
class LayerTrace:
    """Where a device spends the time of one call of a compiled network, by its own trace.

    Attributes:
        threads: processor cores that the process might use; 0 for all. Without meaning on a GPU.
        trials: repeats.
        passes: calls in each repeat, first without the profiler, then as many under it.
        call_us: call to answer without the profiler, µs of each repeat, of each call.
        busy_us: time of a call in which at least one kernel ran, mean of each repeat.
        kernels: in one call, mean over all.
        rows: in execution order; kernels that no layer could be given to are the last.
        hooks_call_us: what a call of a layer that does nothing takes, which each `hooks_us` contains; None
            where hooks were not measured.
        machine: state of the machine before the measurement.
    """

    model: str
    input_shape: tuple[int, ...]
    input_source: str
    weights: str
    backend: str
    backend_version: str
    keras_version: str
    device: str
    device_name: str
    threads: int
    trials: int
    passes: int
    call_us: tuple[tuple[float, ...], ...]
    busy_us: tuple[float, ...]
    kernels: float
    layers: tuple[TracedLayer, ...]
    rows: tuple[TraceRow, ...]
    hooks_call_us: float | None
    machine: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"kind": KIND, **asdict(self)}


def first_seen(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return for each row the layers that stand in no row before it.

    By these, what a layer has once (its MACs, its time by hooks) is counted once, though it may have kernels of
    its own and share others.

    Example:
        >>> first_seen([{"layers": ["norm"]}, {"layers": ["norm", "relu"]}])
        [['norm'], ['relu']]
    """
    seen: set[str] = set()
    result = []
    for row in rows:
        result.append([name for name in row["layers"] if name not in seen])
        seen.update(row["layers"])
    return result
