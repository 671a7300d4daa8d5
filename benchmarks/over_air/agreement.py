"""How well a simulated column agrees with a published one: rank correlation, residuals, and what part is explained."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from scipy import stats

from tfkws.intervals import NORMAL_QUANTILE, Interval


def spearman(first: Sequence[float], second: Sequence[float]) -> tuple[float, Interval]:
    """Return Spearman's rank correlation with its interval (Bonett and Wright 2000, for 4 pairs or more)."""
    correlation = float(stats.spearmanr(first, second).statistic)
    if abs(correlation) >= 1:
        return correlation, (correlation, correlation)
    half = NORMAL_QUANTILE * np.sqrt((1 + correlation**2 / 2) / (len(first) - 3))
    centre = np.arctanh(correlation)
    return correlation, (float(np.tanh(centre - half)), float(np.tanh(centre + half)))


def chance_of_as_much(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the share of all orders of `second` whose rank correlation with `first` is as large or larger."""
    one, other = stats.rankdata(first), stats.rankdata(second)
    orders = np.array(list(permutations(other)))
    products = orders @ one
    return float(np.mean(products >= one @ other - 1e-9))


def explained(before: Sequence[float], after: Sequence[float], predicted: Sequence[float]) -> float:
    """Return the share of the squared falls, from `before` to `after`, that a prediction of `after` explains.

    1 is all; 0 is as much as the prediction that nothing falls, and less is worse.
    """
    residuals = np.asarray(after) - np.asarray(predicted)
    falls = np.asarray(after) - np.asarray(before)
    return float(1 - np.sum(residuals**2) / np.sum(falls**2))
