"""A target as a place where `tfkws.tflite.benchmark.latency` times models."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfkws.errors import BenchmarkError
from tfkws.tflite.benchmark.latency import HERE, Place
from tfkws.tflite.targets.open import is_emulated, open_target
from tfkws.tflite.targets.questions import ask, read_facts, read_machine, require, try_runtime
from tfkws.tflite.targets.session import Session

MARGIN_BYTES = 1 << 20


@contextmanager
def open_place(
    target: str, runtime: str, models: list[Path], python: str = "", record: Path | None = None
) -> Iterator[Place]:
    """Open a target for timing, after checking that it has Python, NumPy, the runtime and room for the models.

    Raises:
        TargetError, RuntimeUnavailableError: the target cannot be used; the message says why.
        BenchmarkError: times there mean nothing, because it is emulated.
    """
    if is_emulated(target):
        raise BenchmarkError(f"{target} is emulated, and times there mean nothing; it counts instructions instead.")
    if target == "local" and record is None:
        yield HERE
        return
    with open_target(target, python, record) as session:
        require(read_facts(session), runtime, sum(model.stat().st_size for model in models) + MARGIN_BYTES)
        try_runtime(session, runtime)
        yield place_of(session)


def place_of(session: Session) -> Place:
    """Time models on an open session that holds the archive; files are pushed when they are first asked for."""
    pushed: set[str] = set()

    def run_child(request: dict[str, Any]) -> dict[str, Any]:
        files = {key: Path(request[key]) for key in ("model", "examples")}
        for file in files.values():
            if str(file) not in pushed:
                session.push(file.name, file.read_bytes())
                pushed.add(str(file))
        return ask(session, "time", {**request, **{key: file.name for key, file in files.items()}})

    return Place(session.target, run_child, lambda: read_machine(session))
