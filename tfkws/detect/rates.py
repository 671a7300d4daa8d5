"""Rates of rare events: how many an hour, within which limits, and what the hours allow to be said at all.

Counts of independent events are Poisson distributed, so the exact interval of Garwood (Biometrika 28, 1936) holds
for few events and many alike. Nothing here imports scipy.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.intervals import CONFIDENCE, UPPER_TAIL, Interval

RULE_OF_THREE = 3.0  # with no event in T hours the rate lies below 3 / T at 95 %: -ln(0.05) = 2.996
_BISECTIONS = 200  # ends of the search are then the same float


@dataclass(frozen=True)
class HourlyRate:
    """So many events in so many hours.

    Example:
        >>> HourlyRate(4, 2.0).per_hour
        2.0
        >>> low, high = HourlyRate(4, 2.0).interval
        >>> round(low, 3), round(high, 3)
        (0.545, 5.121)
    """

    events: int
    hours: float

    @property
    def per_hour(self) -> float | None:
        """Events an hour; None without hours."""
        return self.events / self.hours if self.hours > 0 else None

    @property
    def interval(self) -> Interval | None:
        """The exact 95 % interval of the rate; None without hours."""
        low, high = poisson_interval(self.events)
        return (low / self.hours, high / self.hours) if self.hours > 0 else None

    @property
    def below(self) -> float | None:
        """Without an event, the rate that the hours exclude at 95 %, one-sided: 3 / hours; None with events."""
        return RULE_OF_THREE / self.hours if self.events == 0 and self.hours > 0 else None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "events": self.events,
            "hours": self.hours,
            "per_hour": self.per_hour,
            "interval": list(self.interval) if self.interval else None,
            "below": self.below,
        }


def total(rates: Iterable[HourlyRate]) -> HourlyRate:
    """Return all events in all hours.

    >>> total([HourlyRate(1, 2.0), HourlyRate(3, 1.5)])
    HourlyRate(events=4, hours=3.5)
    """
    every = list(rates)
    return HourlyRate(sum(rate.events for rate in every), sum(rate.hours for rate in every))


def hours_needed(rate: float) -> float:
    """Return the fewest hours that can show `rate` events an hour: without an event in them, it lies below 3 / hours.

    >>> hours_needed(0.5)
    6.0
    """
    return RULE_OF_THREE / rate


def poisson_interval(events: int) -> Interval:
    """Return the exact 95 % interval of the mean of a Poisson variable of which `events` were counted.

    The ends are those means at which so many events or more, or so few or fewer, have a probability of 2.5 %.

    Example:
        >>> low, high = poisson_interval(0)
        >>> low, round(high, 4)
        (0.0, 3.6889)
        >>> low, high = poisson_interval(10)
        >>> round(low, 4), round(high, 4)
        (4.7954, 18.3904)
    """
    tail = (1 - CONFIDENCE) / 2
    low = _mean_with(events - 1, UPPER_TAIL) if events else 0.0
    return low, _mean_with(events, tail)


def poisson_cumulative(events: int, mean: float) -> float:
    """Return the probability that a Poisson variable of this mean is at most `events`.

    >>> round(poisson_cumulative(2, 1.0), 6)
    0.919699
    """
    if mean == 0:
        return 1.0
    counts = np.arange(events + 1)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    return float(min(1.0, np.exp(counts * math.log(mean) - mean - log_factorials).sum()))


def _mean_with(events: int, probability: float) -> float:
    """Return the mean at which `poisson_cumulative` is `probability`; it falls as the mean grows."""
    low, high = 0.0, events + 10 * math.sqrt(events + 1) + 10
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if poisson_cumulative(events, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
