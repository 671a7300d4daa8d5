"""Time of single operators: each is cut out as a model of its own.

Resolves operators below a microsecond, on any runtime, here or on a target. Here a small operator is timed as one of
several copies in a model: what each further copy adds is its own time, with the step from operator to operator and
without the call of the model. A large one is timed once, and the call, which a chain of operators without work shows,
is subtracted. On a target a null model of one ABS on one number runs along and is subtracted.
Profilers that time the operators of a running model are in `litert.py` and `benchmark_model.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfkws.clock import time_runs
from tfkws.errors import TfliteFileError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.submodels import CALLS_SUBGRAPHS, NULL_MODEL, submodel, submodels
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.runtimes import check_settings
from tfkws.tflite.targets.questions import ask
from tfkws.tflite.targets.session import Session

COPIES = 9
LARGE_US = 20.0  # from here on one copy suffices
CACHE_BYTES = 1 << 18  # XNNPACK packs the weights of each copy anew; more would not stay in a core's own cache
CHAIN = 33  # operators in the longer of the two chains
BLOCK = 10  # runs in a row, so that caches are warm as in the whole; blocks of all models take turns
LOOK = 3  # runs that decide whether an operator is large


@dataclass(frozen=True)
class OperatorTimes:
    """Times of a model and of its operators by themselves, measured in turns.

    Attributes:
        whole: inferences of the model.
        operators_us: µs of each operator that was asked for and can be run by itself, at least 0.
        refused: why others cannot, by index (int).
    """

    whole: Whole
    operators_us: dict[int, float]
    refused: dict[int, str]


@dataclass
class _Part:
    """A model that is timed; `samples_ns` collects its runs."""

    run: Callable[[], Any]
    samples_ns: list[int] = field(default_factory=list)

    @property
    def median_us(self) -> float:
        return float(np.median(self.samples_ns)) / 1e3


def time_operators(
    file: TfliteFile, indices: Sequence[int], threads: int = 1, kernels: str = "xnnpack", runs: int = 200
) -> dict[int, float]:
    """Time operators by themselves, in this process; see `time_whole_and_operators`.

    Returns:
        Microseconds of each that can be run by itself, at least 0. An operator on constants alone counts 0,
        because runtimes compute it once, when they load.

    Raises:
        TfliteFileError: the file is damaged.
        ConfigError: there are no such kernels, or the thread count is below 1.
    """
    return time_whole_and_operators(file, indices, threads, kernels, runs).operators_us


def time_whole_and_operators(
    file: TfliteFile, indices: Sequence[int], threads: int = 1, kernels: str = "xnnpack", runs: int = 200
) -> OperatorTimes:
    """Time a model and operators of it by themselves, in this process. The file must be known to load.

    Args:
        indices: of the operators that are timed.
        runs: of each; the median counts.

    Raises:
        TfliteFileError: the file is damaged.
        ConfigError: there are no such kernels, or the thread count is below 1.
    """
    check_settings(threads, kernels)

    def part(content: bytes) -> _Part:
        interpreter = build_interpreter(file.name, content, threads, kernels, "litert", outlets=0)
        fill_inputs(interpreter)
        interpreter.invoke()
        return _Part(interpreter.invoke)

    computing = {op.index for op in file.graph.computing_ops()}
    whole, one, many = part(file.content), part(chain(1)), part(chain(CHAIN))
    single: dict[int, _Part] = {}
    several: dict[int, _Part] = {}
    refused: dict[int, str] = {}
    for index in (each for each in indices if each in computing):
        try:
            single[index] = part(submodel(file, index))
            if _is_small(file, index, single[index]):
                several[index] = part(submodel(file, index, COPIES))
        except (TfliteFileError, RuntimeError, ValueError) as error:
            single.pop(index, None)
            refused[index] = str(error.__cause__ or error).splitlines()[0]
    _time_in_blocks([whole, one, many, *single.values(), *several.values()], runs)
    call_us = max(0.0, one.median_us - (many.median_us - one.median_us) / (CHAIN - 1))
    times = dict.fromkeys((each for each in indices if each not in computing), 0.0)
    for index, alone in single.items():
        times[index] = max(0.0, _own_us(alone, several.get(index), call_us))
    return OperatorTimes(_whole_of(whole, call_us), times, refused)


def time_call_us(threads: int = 1, kernels: str = "xnnpack", runs: int = 200) -> float:
    """Return what the call of a model costs here besides its operators, in µs: two chains without work show it."""
    return time_whole_and_operators(TfliteFile(NULL_MODEL), (), threads, kernels, runs).whole.call_us or 0.0


def _is_small(file: TfliteFile, index: int, part: _Part) -> bool:
    op = file.graph.ops[index]
    if op.opcode in CALLS_SUBGRAPHS or COPIES * file.graph.bytes_moved(op) > CACHE_BYTES:
        return False
    return min(time_runs(part.run, LOOK)) < 1e3 * LARGE_US


def _time_in_blocks(parts: Sequence[_Part], runs: int) -> None:
    for _ in range(-(-runs // BLOCK)):
        for part in parts:
            part.run()
            part.samples_ns += time_runs(part.run, min(BLOCK, runs))


def _own_us(alone: _Part, several: _Part | None, call_us: float) -> float:
    if several is None:
        return alone.median_us - call_us
    return (several.median_us - alone.median_us) / (COPIES - 1)


def _whole_of(part: _Part, call_us: float) -> Whole:
    low, median, high = (float(value) / 1e3 for value in np.percentile(part.samples_ns, [25, 50, 75]))
    return Whole(median, (high - low) / median, call_us)


def time_operators_on(session: Session, file: TfliteFile, runs: int) -> tuple[float, list[float]]:
    """Time a model and each of its operators by itself on a target that holds the pushed archive, on one thread.

    Returns:
        Microseconds of the whole, and of each operator of the file, as `time_operators` counts them.

    Raises:
        TargetError, BenchmarkError: the target cannot; the message says why.
    """
    timed = [op.index for op in file.graph.computing_ops()]
    names = [f"part{position}.tflite" for position in range(len(timed) + 2)]
    for name, part in zip(names, (file.content, NULL_MODEL, *submodels(file, timed)), strict=True):
        session.push(name, part)
    asked = {"models": names, "runtime": "litert", "kernels": "xnnpack", "threads": 1, "runs": runs}
    whole_us, null_us, *operators_us = _medians_us(ask(session, "time-operators", asked)["samples_ns"])
    found = _less(null_us, timed, operators_us)
    return whole_us, [found.get(op.index, 0.0) for op in file.graph.ops]


def _medians_us(samples_ns: Sequence[Sequence[int]]) -> list[float]:
    return [float(np.median(samples)) / 1e3 for samples in samples_ns]


def _less(null_us: float, indices: Sequence[int], times_us: Sequence[float]) -> dict[int, float]:
    return {index: max(0.0, time_us - null_us) for index, time_us in zip(indices, times_us, strict=True)}
