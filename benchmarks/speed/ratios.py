"""What interleaved rounds say: medians, and ratios of two programs within rounds, each with an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.intervals import RESAMPLES, percentile_interval


@dataclass(frozen=True)
class Spread:
    """A median of rounds and its interval."""

    median: float
    low: float
    high: float

    def text(self, digits: int = 2, scale: float = 1.0) -> str:
        """Return it as text, times `scale`.

        Example:
            >>> Spread(1.5, 1.25, 1.75).text()
            '1.50 (1.25 to 1.75)'
        """
        values = (scale * each for each in (self.median, self.low, self.high))
        return "{} ({} to {})".format(*(f"{value:.{digits}f}" for value in values))


def spread(values: Sequence[float]) -> Spread:
    """Return the median of rounds, and its percentile interval by drawing rounds with replacement.

    Example:
        >>> spread([2.0, 2.0, 2.0])
        Spread(median=2.0, low=2.0, high=2.0)
    """
    found = np.asarray(values, float)
    drawn = np.random.default_rng(0).integers(0, len(found), (RESAMPLES, len(found)))
    return Spread(float(np.median(found)), *percentile_interval(np.median(found[drawn], axis=1)))


def ratio(values: Sequence[float], to: Sequence[float]) -> Spread:
    """Return the spread of the ratios within rounds, so that what slows a round down cancels out.

    Args:
        values, to: of the same rounds, in the same order.

    Example:
        >>> ratio([2.0, 4.0, 6.0], to=[1.0, 2.0, 3.0]).median
        2.0
    """
    return spread(np.asarray(values, float) / np.asarray(to, float))
