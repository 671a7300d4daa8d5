"""Two models compared on the same clips: exact McNemar test and a paired bootstrap over speakers."""

from dataclasses import asdict, dataclass
from math import comb
from typing import Any

import numpy as np

from tfkws.errors import DataError
from tfkws.intervals import percentile_interval, resampled_counts


@dataclass(frozen=True)
class Comparison:
    """Accuracy of the second model minus that of the first, both on the same clips.

    Attributes:
        difference: -1..1.
        difference_interval: 95 % interval over speakers.
        only_first_right, only_second_right: clips that one of them alone got right.
        mcnemar_p: two-sided, exact.
    """

    clips: int
    difference: float
    difference_interval: tuple[float, float]
    only_first_right: int
    only_second_right: int
    mcnemar_p: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def compare(first_right: np.ndarray, second_right: np.ndarray, speakers: np.ndarray) -> Comparison:
    """Compare two models clip by clip.

    Args:
        first_right, second_right: bool (n,), whether each model answers clip i rightly.
        speakers: (n,), resampled whole.

    Raises:
        DataError: the two do not cover the same number of clips.
    """
    if len(first_right) != len(second_right) or len(first_right) == 0:
        raise DataError(
            f"Two models are compared on the same clips; received {len(first_right)} and {len(second_right)} results."
        )
    gain = second_right.astype(float) - first_right.astype(float)
    lost, won = int((gain < 0).sum()), int((gain > 0).sum())
    return Comparison(
        clips=len(gain),
        difference=float(gain.mean()),
        difference_interval=_paired_interval(gain, speakers),
        only_first_right=lost,
        only_second_right=won,
        mcnemar_p=mcnemar_p(lost, won),
    )


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the two-sided exact p value, 0..1, of McNemar's test (1947).

    Under equality each clip that one model alone gets right is the first's with probability 1/2.

    Args:
        only_first, only_second: clips that one model alone got right.
    """
    trials, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(trials, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / 2**trials)


def _paired_interval(gain: np.ndarray, speakers: np.ndarray, seed: int = 0) -> tuple[float, float]:
    names, index = np.unique(np.asarray(speakers), return_inverse=True)
    sums = np.bincount(index, weights=gain, minlength=len(names))
    clips = np.bincount(index, minlength=len(names))
    drawn = resampled_counts(len(names), seed=seed)
    return percentile_interval((drawn @ sums) / (drawn @ clips))
