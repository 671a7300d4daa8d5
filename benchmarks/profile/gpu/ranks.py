"""How well one list of numbers puts networks into the order of another: Spearman's correlation with an interval."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tfkws.intervals import RESAMPLES, Interval, percentile_interval

FEWEST = 4  # networks below which no interval is told


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation over `networks` networks, with a bootstrap interval over them; None with too few."""

    value: float
    interval: Interval | None
    networks: int


def rank_correlation(first: Mapping[str, float], second: Mapping[str, float]) -> RankCorrelation:
    """Correlate the ranks of the networks that both know; ties share their mean rank.

    The interval redraws networks: what other networks of this kind would have shown. Redraws in which either list is
    constant have no correlation and are left out.

    Example:
        >>> same = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 3.0}
        >>> rank_correlation(same, {name: 10 * value for name, value in same.items()}).value
        1.0
    """
    names = [name for name in first if name in second]
    pairs = np.array([(first[name], second[name]) for name in names], float).T
    rng = np.random.default_rng(0)
    drawn = pairs[:, rng.integers(len(names), size=(RESAMPLES, len(names)))]
    values = _spearman(drawn[0], drawn[1])
    found = values[np.isfinite(values)]
    interval = percentile_interval(found) if len(names) >= FEWEST and len(found) else None
    return RankCorrelation(round(float(_spearman(pairs[:1], pairs[1:])[0]), 12), interval, len(names))


def correlation_text(found: RankCorrelation) -> str:
    """Write a correlation with its interval and the number of networks.

    Example:
        >>> correlation_text(RankCorrelation(0.5, (-0.001, 0.9), 8))
        '0.50 (0.00 to 0.90), n = 8'
    """
    low, high = found.interval or (0.0, 0.0)
    interval = "" if found.interval is None else f" ({_two_digits(low)} to {_two_digits(high)})"
    return f"{_two_digits(found.value)}{interval}, n = {found.networks}"


def _two_digits(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # + 0.0 makes 0 of -0


def _spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlate ranks along the last axis: float (n,) of two (n, networks); NaN where one is constant."""
    from scipy.stats import rankdata

    a, b = (rankdata(values, axis=-1) for values in (first, second))
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=-1) / np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1)))
