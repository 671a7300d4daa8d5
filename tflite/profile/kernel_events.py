"""From profiler events to one row a kernel: pure; events that do not fit together are an error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.errors import ProfileParseError

RUN_STARTS = ("invoke", "Invoke")  # with a signature, runs begin by the second alone
PHASE, RUN, OPERATOR, DELEGATE_OPERATOR = 1, 16, 2, 8  # kinds of events, as LiteRT numbers them
ROUNDED_DOWN_US = 0.5  # what cutting a time to whole microseconds takes away on average

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
    """Reduce the events (tag, type, node, elapsed µs) of all runs; those of the main subgraph alone.

    Example:
        >>> run = [("Invoke", 1, 0, 30), ("Convolution (NHWC, F32)", 8, 0, 21), ("SOFTMAX", 2, 3, 4)]
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
    """Cut the events where a run begins, and keep those of operators."""
    runs: list[list[Event]] = []
    for event in events:
        if event[1] in (PHASE, RUN) and event[0] in RUN_STARTS:
            runs.append([])
        elif event[1] in (OPERATOR, DELEGATE_OPERATOR) and runs:
            runs[-1].append(event)
    return [run for run in runs if run]


def unrounded_us(row: KernelRow) -> float:
    """Return the time of a kernel in µs, with what a delegate's profiler cut off.

    XNNPACK tells the whole microseconds of each kernel and drops the rest, on average half a microsecond; of
    what is told as less than that, no more than it is.

    Example:
        >>> unrounded_us(KernelRow("Convolution (NHWC, F32)", None, 21.0))
        21.5
        >>> unrounded_us(KernelRow("CONV_2D", 0, 21.0))
        21.0
    """
    return row.time_us if row.node is not None else row.time_us + min(ROUNDED_DOWN_US, row.time_us)


def middle_mean(values: np.ndarray) -> float:
    """Return the mean (float) of the values between the quartiles, in their unit."""
    ordered = np.sort(values)
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())
