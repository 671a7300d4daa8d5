"""Time of single operators on a target: the same models as in `time_operators.py`, timed there in one process.

Which operators are small, so that copies of them are timed, a first look on the target itself decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError, TfliteFileError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.submodels import submodel
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.time_operators import (
    BLOCK,
    CHAIN,
    COPIES,
    LARGE_US,
    LOOK,
    OperatorTimes,
    call_of,
    may_be_copied,
    own_us,
    whole_of,
)
from tfkws.tflite.targets.questions import ask, field_of
from tfkws.tflite.targets.session import Session

WHOLE, ONE, MANY = "whole.tflite", "one.tflite", "many.tflite"


@dataclass(frozen=True)
class OperatorFiles:
    """The models that are timed, by the name that they get on the target.

    Attributes:
        fixed: the whole, and two chains of operators without work.
        single: each operator once; keys are indices of operators.
        several: nine copies of each that may turn out to be small.
        refused: why others cannot be cut out.
    """

    fixed: dict[str, bytes]
    single: dict[int, bytes]
    several: dict[int, bytes]
    refused: dict[int, str]

    @property
    def size_bytes(self) -> int:
        """Bytes of all of them."""
        groups: tuple[Mapping[Any, bytes], ...] = (self.fixed, self.single, self.several)
        return sum(len(content) for group in groups for content in group.values())


def operator_files(file: TfliteFile) -> OperatorFiles:
    """Cut a model into those of its operators that compute.

    Raises:
        TfliteFileError: the file is damaged.
    """
    files = OperatorFiles({WHOLE: file.content, ONE: chain(1), MANY: chain(CHAIN)}, {}, {}, {})
    for op in file.graph.computing_ops():
        try:
            files.single[op.index] = submodel(file, op.index)
            if may_be_copied(file, op.index):
                files.several[op.index] = submodel(file, op.index, COPIES)
        except TfliteFileError as error:
            files.single.pop(op.index, None)
            files.refused[op.index] = str(error)
    return files


def time_files(
    session: Session, file: TfliteFile, files: OperatorFiles, settings: OperatorSettings
) -> tuple[OperatorTimes, str]:
    """Time a model and its operators on a target that holds the pushed archive.

    Args:
        files: of the model.
        settings: kernels, threads, runs and runtime count.

    Returns:
        The times, and the version of the target's runtime.

    Raises:
        TargetError, BenchmarkError: the target cannot; the message says why.
    """
    single = {_name(index, 1): content for index, content in files.single.items()}
    _push(session, files.fixed | single)
    look = _ask(session, list(single), settings, LOOK)
    small = [i for i in files.several if (taken := look.samples_ns[_name(i, 1)]) and min(taken) < 1e3 * LARGE_US]
    several = {_name(index, COPIES): files.several[index] for index in small}
    _push(session, several)
    running = [name for name in single if name not in look.refused]
    found = _ask(session, [*files.fixed, *running, *several], settings, settings.runs)
    if WHOLE in found.refused:
        raise BenchmarkError(f"The runtime of {session.target} refuses {file.name} ({found.refused[WHOLE]}).")
    refused = {i: reason for i in files.single if (reason := (look.refused | found.refused).get(_name(i, 1)))}
    call_us = call_of(found.median_us(ONE), found.median_us(MANY))
    times = {op.index: 0.0 for op in file.graph.ops if op.index not in files.single | files.refused}
    for index in (each for each in files.single if each not in refused):
        copied = _name(index, COPIES)
        copies_us = found.median_us(copied) if found.samples_ns.get(copied) else None
        times[index] = own_us(found.median_us(_name(index, 1)), copies_us, call_us)
    whole = whole_of(found.samples_ns[WHOLE], call_us)
    return OperatorTimes(whole, times, {**files.refused, **refused}), found.runtime_version


def time_operators_on(session: Session, file: TfliteFile, runs: int) -> tuple[float, list[float]]:
    """Time a model and each of its operators on a target that holds the pushed archive, on one thread of LiteRT.

    Returns:
        Microseconds of the whole, and of each operator of the file.

    Raises:
        TargetError, BenchmarkError: the target cannot, or refuses an operator; the message says why.
    """
    found, _ = time_files(session, file, operator_files(file), OperatorSettings(runs=runs))
    for index, reason in found.refused.items():
        raise BenchmarkError(f"{session.target} cannot run operator {index} of {file.name} by itself ({reason}).")
    return found.whole.median_us, [found.operators_us[op.index] for op in file.graph.ops]


@dataclass(frozen=True)
class _Answer:
    """What the target measured, by the name of the file."""

    samples_ns: dict[str, tuple[int, ...]]
    refused: dict[str, str]
    runtime_version: str

    def median_us(self, name: str) -> float:
        return float(np.median(self.samples_ns[name])) / 1e3


def _name(index: int, copies: int) -> str:
    return f"operator{index}x{copies}.tflite"


def _push(session: Session, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        session.push(name, content)


def _ask(session: Session, names: Sequence[str], settings: OperatorSettings, runs: int) -> _Answer:
    asked = {
        "models": list(names),
        "runtime": settings.runtime,
        "kernels": settings.kernels,
        "threads": settings.threads,
        "runs": runs,
        "block": BLOCK,
    }
    answer = ask(session, "time-operators", asked)
    samples = field_of(answer, "samples_ns", tuple[tuple[int, ...], ...], session.target)
    reasons = field_of(answer, "refused", tuple[str, ...], session.target)
    if [bool(each) for each in samples] != [not reason for reason in reasons] or len(samples) != len(names):
        raise BenchmarkError(f"The answer of {session.target} is none of tfkws: it misses times that were asked for.")
    refused = {name: reason for name, reason in zip(names, reasons, strict=True) if reason}
    version = field_of(answer, "runtime_version", str, session.target)
    return _Answer(dict(zip(names, samples, strict=True)), refused, version)
