"""Confidence intervals: their level, and how one is made from samples. The only place where the level stands."""

import math
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
LEVEL = f"{100 * CONFIDENCE:.0f} %"  # as tables and figures print it
UPPER_TAIL = 0.5 + CONFIDENCE / 2  # probability below the upper end of a two-sided interval
NORMAL_QUANTILE = round(NormalDist().inv_cdf(UPPER_TAIL), 2)  # 1.96 standard errors
RESAMPLES = 2_000  # of a bootstrap over speakers

Interval = tuple[float, float]


def percentile_interval(values: np.ndarray) -> Interval:
    """Return the percentile interval of bootstrap values (n,). Efron and Tibshirani 1993, section 13.3.

    Example:
        >>> low, high = percentile_interval(np.arange(1001.0))
        >>> round(low, 6), round(high, 6)
        (25.0, 975.0)
    """
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def resampled_mean_interval(values: np.ndarray) -> Interval:
    """Return the percentile interval of the mean of repeats (n,), by drawing repeats with replacement.

    Example:
        >>> resampled_mean_interval(np.full(5, 7.0))
        (7.0, 7.0)
    """
    return percentile_interval(resampled_counts(len(values)) @ np.asarray(values) / len(values))


def resampled_counts(units: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Draw `units` units with replacement, `resamples` times: how often each was drawn, int (resamples, units).

    Example:
        >>> resampled_counts(3, resamples=4).sum(axis=1)
        array([3, 3, 3, 3])
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=resamples)


def normal_half_width(standard_error: float) -> float:
    """Return half the width of the 95 % interval of a normally distributed mean.

    Args:
        standard_error: float, in whose unit the result is.

    Example:
        >>> normal_half_width(0.01)
        0.0196
    """
    return NORMAL_QUANTILE * standard_error


def student_half_width(values: np.ndarray) -> float:
    """Return half the width of Student's t interval of the mean of `values`. Needs scipy.

    Args:
        values: float (n,), n at least 2; the result has their unit.
    """
    from scipy import stats

    return float(stats.t.ppf(UPPER_TAIL, len(values) - 1) * stats.sem(values))


def mean_share_interval(values: np.ndarray) -> Interval:
    """Return the 95 % interval, within 0..1, of the mean of a few shares. Needs scipy.

    It is Student's interval on the logit scale, where it cannot leave 0..1: the standard error is carried over by
    the slope of the logit at the mean (delta method; Agresti 2013, section 3.1.6). Near 0.5, or for a small spread,
    it is Student's own.

    Args:
        values: float (n,), 0..1, n at least 2.

    Example:
        >>> low, high = mean_share_interval(np.array([0.90, 0.91, 0.92]))
        >>> round(low, 2), round(high, 2)
        (0.88, 0.93)
        >>> low, high = mean_share_interval(np.array([0.42, 0.96, 0.82]))
        >>> round(low, 2), round(high, 2)
        (0.07, 0.99)
    """
    mean = float(np.mean(values))
    half = student_half_width(values)
    if half == 0 or mean in (0, 1):
        return mean, mean
    odds = np.exp(half / (mean * (1 - mean)))
    return mean / (mean + (1 - mean) * odds), mean / (mean + (1 - mean) / odds)


def perfect_score_bound(units: int) -> float:
    """Return the lower bound, 0..1, of a share that was 1 in each of `units` independent units.

    Source: the two-sided 95 % interval of Clopper and Pearson 1934.

    Example:
        >>> round(perfect_score_bound(10), 3)
        0.692
    """
    return (0.5 * (1 - CONFIDENCE)) ** (1 / units)


def share_interval(events: int, trials: int) -> Interval:
    """Return the 95 % interval of a share of which `events` in `trials` were counted; (0, 1) without trials.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.

    Example:
        >>> low, high = share_interval(0, 10)
        >>> low, round(high, 4)
        (0.0, 0.2775)
    """
    if trials == 0:
        return 0.0, 1.0
    z = normal_half_width(1.0)
    share = events / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
