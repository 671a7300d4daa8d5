"""TFLite's own `benchmark_model`, here or pushed to a target; for the stages that time and profile by it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tfkws.errors import ConfigError
from tfkws.tflite.profile.benchmark_model_program import (
    BenchmarkModelTarget,
    benchmark_model_here,
    benchmark_model_on,
    find_binary,
)
from tfkws.tflite.targets.open import is_emulated, open_target

OpenProgram = Callable[[Path | None, str], AbstractContextManager[BenchmarkModelTarget]]


@contextmanager
def open_program(program: Path | None = None, target: str = "local") -> Iterator[BenchmarkModelTarget]:
    """Yield the program as it runs on this machine, or on a target that it is pushed to.

    Args:
        program: its path, or its name on PATH; None for `benchmark_model`. A target takes a path only.

    Raises:
        BenchmarkError: it is not there or may not be run.
        ConfigError: the target is emulated, or no file was built for it.
        TargetError: the target cannot be used.
    """
    if target == "local":
        yield benchmark_model_here(find_binary(program))
        return
    if is_emulated(target):
        raise ConfigError(f"{target} is emulated, and times there mean nothing; `tfkws count` counts instructions.")
    if program is None or not program.is_file():
        raise ConfigError(
            f"{program or 'benchmark_model'} does not exist; give --binary PATH of one that was built for the target."
        )
    with open_target(target) as session:
        yield benchmark_model_on(session, program)
