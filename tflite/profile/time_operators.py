"""Time of single operators: each is cut out as a model of its own.

Resolves operators below a microsecond, on any runtime. A small operator is timed as one of
several copies in a model: what each further copy adds is its own time, with the step from operator to operator and
without the call of the model. A large one is timed once, and the call, which a chain of operators without work shows,
is subtracted. This is the timing in this process; `time_operators_on_target.py` does the same on a target.
Profilers that time the operators of a running model are in `litert.py` and `benchmark_model.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfkws.clock import time_in_blocks, time_runs
from tfkws.errors import TfliteFileError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.submodels import CALLS_SUBGRAPHS, NULL_MODEL, submodel
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.runtimes import check_settings

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
    _time_parts([whole, one, many, *single.values(), *several.values()], runs)
    call_us = call_of(one.median_us, many.median_us)
    times = dict.fromkeys((each for each in indices if each not in computing), 0.0)
    for index, alone in single.items():
        times[index] = own_us(alone.median_us, several[index].median_us if index in several else None, call_us)
    return OperatorTimes(whole_of(whole.samples_ns, call_us), times, refused)


def time_call_us(threads: int = 1, kernels: str = "xnnpack", runs: int = 200) -> float:
    """Return what the call of a model costs here besides its operators, in µs: two chains without work show it."""
    return time_whole_and_operators(TfliteFile(NULL_MODEL), (), threads, kernels, runs).whole.call_us or 0.0


def _is_small(file: TfliteFile, index: int, part: _Part) -> bool:
    return may_be_copied(file, index) and min(time_runs(part.run, LOOK)) < 1e3 * LARGE_US


def _time_parts(parts: Sequence[_Part], runs: int) -> None:
    for part, samples in zip(parts, time_in_blocks([part.run for part in parts], runs, BLOCK), strict=True):
        part.samples_ns = samples


def may_be_copied(file: TfliteFile, index: int) -> bool:
    """Return whether copies of an operator, if it is small, stay in a core's cache and bring no subgraphs along."""
    op = file.graph.ops[index]
    return op.opcode not in CALLS_SUBGRAPHS and COPIES * file.graph.bytes_moved(op) <= CACHE_BYTES


def call_of(one_us: float, many_us: float) -> float:
    """Return what the call of a model costs, in µs, from chains of 1 and of `CHAIN` operators without work.

    Example:
        >>> call_of(one_us=1.5, many_us=17.5)
        1.0
    """
    return max(0.0, one_us - (many_us - one_us) / (CHAIN - 1))


def own_us(alone_us: float, several_us: float | None, call_us: float) -> float:
    """Return an operator's own time in µs, at least 0.

    Args:
        alone_us: the model in which it stands once.
        several_us: that in which it stands `COPIES` times; None for a large operator.
        call_us: of a model.

    Example:
        >>> own_us(3.0, 19.0, call_us=1.0), own_us(50.0, None, call_us=1.0)
        (2.0, 49.0)
    """
    return max(0.0, alone_us - call_us if several_us is None else (several_us - alone_us) / (COPIES - 1))


def whole_of(samples_ns: Sequence[int], call_us: float) -> Whole:
    """Return median and scatter of runs of a model; times in ns and µs."""
    low, median, high = (float(value) / 1e3 for value in np.percentile(samples_ns, [25, 50, 75]))
    return Whole(median, (high - low) / median, call_us)
