"""Time of single operators: each is cut out as a model of its own, and all are timed in turns.

Resolves operators below a microsecond, on any runtime, here or on a target. A null model of one ABS on one number runs
along; what it takes is what any model costs besides its operator, and is subtracted. Profilers that time the operators
of a running model are in `litert.py` and `benchmark_model.py`.
"""

from collections.abc import Sequence

import numpy as np

from tfkws.clock import time_in_turns
from tfkws.errors import BenchmarkError, TfliteFileError
from tfkws.tflite.file.submodels import NULL_MODEL, submodels
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.runtimes import check_settings
from tfkws.tflite.targets.questions import ask
from tfkws.tflite.targets.session import Session


def time_operators(
    file: TfliteFile, indices: Sequence[int], threads: int = 1, kernels: str = "xnnpack", runs: int = 200
) -> dict[int, float]:
    """Time operators by themselves, in this process.

    Args:
        indices: of the operators that are timed.
        runs: of each operator; the median counts.

    Returns:
        Microseconds of each, at least 0. An operator on constants alone counts 0, because runtimes compute it
        once, when they load.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the runtime refuses an operator by itself.
        ConfigError: there are no such kernels, or the thread count is below 1.
    """
    check_settings(threads, kernels)
    computing = {op.index for op in file.graph.computing_ops()}
    timed = [index for index in indices if index in computing]
    parts = [NULL_MODEL, *submodels(file, timed)]
    try:
        interpreters = [build_interpreter("it", part, threads, kernels, "litert", outlets=0) for part in parts]
        for interpreter in interpreters:
            fill_inputs(interpreter)
        samples = time_in_turns([interpreter.invoke for interpreter in interpreters], runs)
    except (TfliteFileError, RuntimeError, ValueError) as error:
        reason = error.__cause__ or error
        raise BenchmarkError(f"An operator cannot be run by itself ({reason}); use the other kernels.") from error
    null_us, *operators_us = _medians_us(samples)
    return dict.fromkeys(indices, 0.0) | _less(null_us, timed, operators_us)


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
