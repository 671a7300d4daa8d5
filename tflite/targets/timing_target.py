"""A target for `tfkws.tflite.benchmark.latency`: it times a model in a fresh process, and reports its state."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfkws.errors import BenchmarkError
from tfkws.tflite.targets.device_archive import push_archive
from tfkws.tflite.targets.machine import Machine, read_machine
from tfkws.tflite.targets.open import is_emulated, open_target
from tfkws.tflite.targets.questions import ask, ask_facts, ask_machine, ask_runtime_version, require_runtime
from tfkws.tflite.targets.session import Session

MARGIN_BYTES = 1 << 20


@dataclass(frozen=True)
class TimingTarget:
    """A target that times models.

    Attributes:
        name: what to call it in results.
        time_model: answers a request of `tfkws.tflite.benchmark.timing_loop.time_model` by a fresh process
            there, with times in ns.
        read_machine: reads the state of the machine.
    """

    name: str
    time_model: Callable[[dict[str, Any]], dict[str, Any]]
    read_machine: Callable[[], Machine]


def time_model_here(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request in a fresh process of this machine.

    Raises:
        BenchmarkError: it fails, crashes or does not come back.
    """
    with open_target("local") as session:
        push_archive(session)
        return ask(session, "time", request)


THIS_MACHINE = TimingTarget("local", time_model_here, read_machine)


@contextmanager
def open_timing_target(
    target: str, runtime: str, models: Sequence[Path], python: str = "", record: Path | None = None
) -> Iterator[TimingTarget]:
    """Open a target for timing, after checking that it has Python, NumPy, the runtime and room for the models.

    Args:
        target, python, record: as `tfkws.tflite.targets.open.open_target` takes them.
        runtime: a name in `tfkws.tflite.runtime.runtimes.RUNTIMES`.
        models: files that will be timed.

    Raises:
        TargetError, RuntimeUnavailableError: the target cannot be used; the message says why.
        BenchmarkError: it is emulated, so its times are not those of a device.
    """
    if target == "local" and record is None:
        yield THIS_MACHINE
        return
    needed_bytes = sum(model.stat().st_size for model in models)
    with open_timing_session(target, runtime, needed_bytes, python, record) as session:
        yield timing_target_of(session)


@contextmanager
def open_timing_session(
    target: str, runtime: str, needed_bytes: int, python: str = "", record: Path | None = None
) -> Iterator[Session]:
    """Open a session that holds the archive, after checking that the target can time; as `open_timing_target`.

    Args:
        needed_bytes: of the files that will be pushed.

    Raises:
        TargetError, RuntimeUnavailableError: the target cannot be used; the message says why.
        BenchmarkError: it is emulated, so its times are not those of a device.
    """
    if is_emulated(target):
        raise BenchmarkError(f"{target} is emulated, and times there mean nothing; it counts instructions instead.")
    with open_target(target, python, record) as session:
        require_runtime(ask_facts(session), runtime, needed_bytes + MARGIN_BYTES)
        ask_runtime_version(session, runtime)
        yield session


def timing_target_of(session: Session) -> TimingTarget:
    """Time models on an open session that holds the archive; files are pushed when they are first needed."""
    pushed: set[str] = set()

    def time_model(request: dict[str, Any]) -> dict[str, Any]:
        files = {key: Path(request[key]) for key in ("model", "examples")}
        for file in files.values():
            if str(file) not in pushed:
                session.push(file.name, file.read_bytes())
                pushed.add(str(file))
        return ask(session, "time", {**request, **{key: file.name for key, file in files.items()}})

    return TimingTarget(session.target, time_model, lambda: ask_machine(session))
