"""Which operators take which time, from the times of a network's prefixes. Pure.

Prefix k less prefix k-1 is the time of what stands between their ends, where an accelerator runs operators one by one.
Where it fuses them, a prefix that ends inside of what is fused takes as long as the prefix before or after it, or even
longer: then there is no difference to be told, and the neighbours become one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tfkws.intervals import Interval, percentile_interval

RESAMPLES = 1_000


@dataclass(frozen=True)
class Span:
    """Neighbours whose times cannot be told apart.

    Attributes:
        first, last: numbers (int) of the prefixes that end in it, from 1; `last` is included.
        time_us: prefix `last` less the prefix before `first`.
        interval_us: of the time, over the rounds.
    """

    first: int
    last: int
    time_us: float
    interval_us: Interval


@dataclass(frozen=True)
class Times:
    """What rounds measured: the empty call, then each prefix.

    Attributes:
        medians_us: float (n,).
        resampled_us: float (resamples, n), medians of rounds that were drawn with replacement, of all n together.
    """

    medians_us: np.ndarray
    resampled_us: np.ndarray

    @classmethod
    def of(cls, rounds_us: np.ndarray, seed: int = 0) -> "Times":
        """Take rounds, float (rounds, n), each of which timed all n in turns."""
        drawn = np.random.default_rng(seed).integers(0, len(rounds_us), size=(RESAMPLES, len(rounds_us)))
        resampled = np.stack([np.median(rounds_us[each], axis=0) for each in drawn])
        return cls(np.median(rounds_us, axis=0), resampled)

    def between(self, start: int, end: int) -> tuple[float, Interval]:
        """Return how much longer `end` takes than `start`, in µs, and the interval."""
        found = percentile_interval(self.resampled_us[:, end] - self.resampled_us[:, start])
        return float(self.medians_us[end] - self.medians_us[start]), found

    def interval(self, number: int) -> Interval:
        """Return the interval of one median, in µs."""
        return percentile_interval(self.resampled_us[:, number])


def attribute(rounds_us: np.ndarray) -> tuple[Span, ...]:
    """Join prefixes to spans whose times can be told from nothing.

    A prefix that takes no longer than the one before, as far as the interval tells, waits for the next ones. Is the
    next clearly longer than it, its operators belong to what came before, as a fused activation does to its
    convolution. Are only several together longer, they are one span.

    Args:
        rounds_us: float (rounds, 1 + prefixes): the empty call, then prefixes from the shortest to the longest.

    Returns:
        Spans in order, which hold each prefix once; their times add up to the last prefix less the empty call.

    Example:
        >>> noise = np.linspace(-0.1, 0.1, 10)[:, None]  # of a whole round
        >>> fused = attribute(noise + [10.0, 30.0, 30.0, 45.0])  # the second operator is fused into the first
        >>> [(span.first, span.last, round(span.time_us, 1)) for span in fused]
        [(1, 2, 20.0), (3, 3, 15.0)]
    """
    times = Times.of(rounds_us)
    ends = [0]
    last = rounds_us.shape[1] - 1
    for end in range(1, last + 1):
        if _is_longer(times, ends[-1], end):
            _append(times, ends, end)
    if ends[-1] != last:  # what waits joins the last
        ends = [*ends[:-1], last] if len(ends) > 1 else [0, last]
        _settle(times, ends)
    return tuple(Span(before + 1, end, *times.between(before, end)) for before, end in pairwise(ends))


def _append(times: Times, ends: list[int], end: int) -> None:
    """Put a span behind the others; those who wait go to the span before where `end` does not need them.

    Nor may that span come to nothing by them: a cut inside of what is fused can make the one before look like time.
    """
    waits = end - 1
    if ends[-1] > 0 and waits > ends[-1] and _is_longer(times, waits, end) and _is_longer(times, 0, waits):
        ends[-1] = waits
        _settle(times, ends)
    ends.append(end)


def _settle(times: Times, ends: list[int]) -> None:
    """Join the last span to those before it until it takes time."""
    while len(ends) > 2 and not _is_longer(times, ends[-2], ends[-1]):
        ends[-2:] = [ends[-1]]


def _is_longer(times: Times, start: int, end: int) -> bool:
    return times.between(start, end)[1][0] > 0


def joined(spans: Sequence[Span], ends: Sequence[int], operators: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return the operators of each span.

    Args:
        ends: at which operator each prefix ends, in the order of the prefixes.
        operators: that run, in order.

    Example:
        >>> joined([Span(1, 2, 20.0, (19, 21)), Span(3, 3, 15.0, (14, 16))], (0, 2, 3), (0, 1, 2, 3))
        ((0, 1, 2), (3,))
    """
    befores = [-1, *ends]
    return tuple(tuple(op for op in operators if befores[s.first - 1] < op <= ends[s.last - 1]) for s in spans)
