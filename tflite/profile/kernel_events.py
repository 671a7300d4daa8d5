"""From profiler events to one row a kernel: pure; events that do not fit together are an error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.errors import ProfileParseError

RUN_START = "invoke"
OPERATOR, DELEGATE_OPERATOR = 2, 8

Event = tuple[str, int, int, int]


@dataclass(frozen=True)
class KernelRow:
    """One kernel of a run, in order.

    Attributes:
        kernel: as the runtime names it.
        node: index of the TFLite operator for a builtin kernel; None for one inside a delegate.
        time_us: mean of the middle half of the runs, so that whole microseconds average out and outliers do
            not count.
    """

    kernel: str
    node: int | None
    time_us: float


def kernel_rows(events: Sequence[Event]) -> list[KernelRow]:
    """Reduce the events (tag, type, node, elapsed µs) of all runs.

    Example:
        >>> run = [("invoke", 1, 0, 30), ("Convolution (NHWC, F32)", 8, 0, 21), ("SOFTMAX", 2, 3, 4)]
        >>> [(row.kernel, row.node, row.time_us) for row in kernel_rows(run * 4)]
        [('Convolution (NHWC, F32)', None, 21.0), ('SOFTMAX', 3, 4.0)]

    Raises:
        ProfileParseError: there are no events, or the runs did not run the same kernels.
    """
    runs = split_runs(events)
    if not runs or not runs[0]:
        raise ProfileParseError(f"The profiler recorded no operators in {len(events)} events; use --method submodels.")
    first = [event[:3] for event in runs[0]]
    for number, run in enumerate(runs):
        if [event[:3] for event in run] != first:
            raise ProfileParseError(
                f"Run {number} ran other kernels than the first ({len(run)} and {len(first)}); use --method submodels."
            )
    times = np.array([[event[3] for event in run] for run in runs], float)
    return [
        KernelRow(tag, node if kind == OPERATOR else None, middle_mean(times[:, position]))
        for position, (tag, kind, node) in enumerate(first)
    ]


def split_runs(events: Sequence[Event]) -> list[list[Event]]:
    """Cut the events at the one that opens each run, and keep those of operators."""
    runs: list[list[Event]] = []
    for event in events:
        if event[0] == RUN_START:
            runs.append([])
        elif event[1] in (OPERATOR, DELEGATE_OPERATOR) and runs:
            runs[-1].append(event)
    return runs


def middle_mean(values: np.ndarray) -> float:
    """Return the mean (float) of the values between the quartiles, in their unit."""
    ordered = np.sort(values)
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())
