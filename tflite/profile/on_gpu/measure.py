"""Times of a file's prefixes, of its operators by themselves, and of an empty call, on a GPU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import numpy as np

from tfkws.errors import TfliteFileError
from tfkws.tflite.file.prefixes import prefix, prefix_ends
from tfkws.tflite.file.submodels import NULL_MODEL, submodel
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.on_gpu.attribution import Span, Times, attribute, joined
from tfkws.tflite.profile.on_gpu.timing import Plan, Timed, Timer

MOST_PREFIXES = 64  # of a network; each is a file that the GPU keeps
TOGETHER = 32  # operators by themselves that one process loads
WHOLE, EMPTY = 0, 1  # the first two files of each process


@dataclass(frozen=True)
class Rounds:
    """Rounds of the whole file, of an empty call, and of prefixes.

    Attributes:
        timed: the files in this order.
        ends: at which operator each prefix that loaded ends.
        left_out: why others did not load, by the operator (int) at which they end.
    """

    timed: Timed
    ends: tuple[int, ...]
    left_out: Mapping[int, str] = field(default_factory=dict)

    @property
    def times(self) -> Times:
        """Of the whole, the empty call, and each prefix."""
        return Times.of(self.timed.rounds_us)

    def spans(self, operators: Sequence[int]) -> list[tuple[Span, tuple[int, ...]]]:
        """Return what could be told apart, each with its operators."""
        found = attribute(self.timed.rounds_us[:, EMPTY:]) if self.ends else ()
        return list(zip(found, joined(found, self.ends, operators), strict=True))


def time_prefixes(file: TfliteFile, plan: Plan, timer: Timer, most: int = MOST_PREFIXES) -> Rounds:
    """Time the whole, an empty call, and at most so many prefixes, in turns.

    Args:
        file: without shapes that are computed while it runs (`tfkws.tflite.gpu.known_shapes`).
        most: 0 for none.

    Raises:
        RuntimeUnavailableError, TfliteFileError, BenchmarkError: as `tfkws.tflite.profile.on_gpu.timing` says.
    """
    ends = prefix_ends(file.graph, most) if most else ()
    timed = timer([file.content, NULL_MODEL, *(prefix(file, end) for end in ends)], plan)
    refused = {number - EMPTY - 1: why for number, why in timed.refused.items()}
    if -1 in refused:
        raise TfliteFileError(f"LiteRT's accelerator refuses a file of one operator ({refused[-1]}).")
    kept = tuple(end for number, end in enumerate(ends) if number not in refused)
    return Rounds(timed, kept, {ends[number]: why for number, why in refused.items()})


@dataclass(frozen=True)
class Alone:
    """Operators by themselves.

    Attributes:
        times_us: by operator (int): as a file of its own, less an empty call, at least 0.
        refused: why others cannot run so.
        left: operators for which there was no time.
    """

    times_us: Mapping[int, float]
    refused: Mapping[int, str]
    left: tuple[int, ...]


def time_alone(file: TfliteFile, whole_us: float, plan: Plan, timer: Timer) -> Alone:
    """Time each operator that runs as a file of its own, in turns with an empty call and the whole.

    Args:
        whole_us: what the whole took before: times are brought to the pace that the device had then.
        plan: whose seconds are for all operators together.
    """
    waiting = [op.index for op in file.graph.computing_ops()]
    times: dict[int, float] = {}
    refused: dict[int, str] = {}
    until = monotonic() + plan.seconds
    while waiting and (not times or monotonic() < until):
        batch, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
        files, cannot = _files(file, batch)
        refused |= cannot
        timed = timer([file.content, NULL_MODEL, *files.values()], replace(plan, seconds=max(1.0, until - monotonic())))
        for number, index in enumerate(files, EMPTY + 1):
            column = timed.column(number)
            if column is None:
                refused[index] = timed.refused[number]
            else:
                times[index] = _own_us(timed, column, whole_us)
    return Alone(times, refused, tuple(waiting))


def _files(file: TfliteFile, indices: Sequence[int]) -> tuple[dict[int, bytes], dict[int, str]]:
    files: dict[int, bytes] = {}
    refused: dict[int, str] = {}
    for index in indices:
        try:
            files[index] = submodel(file, index)
        except TfliteFileError as error:
            refused[index] = str(error)
    return files, refused


def _own_us(timed: Timed, column: np.ndarray[Any, Any], whole_us: float) -> float:
    pace = whole_us / float(np.median(timed.rounds_us[:, WHOLE]))
    return max(0.0, pace * float(np.median(column) - np.median(timed.rounds_us[:, EMPTY])))
