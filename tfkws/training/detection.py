"""The trade between misses and false accepts of a wake word: ROC, DET, and where a detector's threshold is decided."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tfkws.config import DetectorConfig

FALSE_ACCEPT_RATE = 0.01  # that a detector's threshold is set for


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it gives: the word is accepted when its probability is at least `threshold`.

    Attributes:
        threshold: 0..1; just above the highest probability where nothing shall be accepted.
        miss_rate: share 0..1 of the word's clips that are not accepted.
        false_accept_rate: share 0..1 of the other clips that are accepted.
    """

    threshold: float
    miss_rate: float
    false_accept_rate: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def operating_points(is_word: np.ndarray, probability: np.ndarray) -> list[OperatingPoint]:
    """All distinct operating points, from the lowest threshold to the highest.

    Args:
        is_word: bool (n,), whether the clip holds the wake word.
        probability: float (n,), the network's probability of the wake word.
    """
    thresholds = np.unique(probability)
    words, others = np.sort(probability[is_word]), np.sort(probability[~is_word])
    misses = np.searchsorted(words, thresholds, side="left") / max(1, len(words))
    accepts = 1 - np.searchsorted(others, thresholds, side="left") / max(1, len(others))
    return [OperatingPoint(float(t), float(m), float(a)) for t, m, a in zip(thresholds, misses, accepts, strict=True)]


def threshold_for(points: list[OperatingPoint], false_accept_rate: float) -> OperatingPoint:
    """The point with the fewest misses among those within `false_accept_rate` (0..1).

    Where even the highest score seen is a false accept too often, the threshold is set just above it.
    """
    allowed = [point for point in points if point.false_accept_rate <= false_accept_rate]
    if allowed:
        return min(allowed, key=lambda point: (point.miss_rate, point.threshold))
    return OperatingPoint(float(np.nextafter(np.float32(points[-1].threshold), np.float32(2))), 1.0, 0.0)


def equal_error_rate(points: list[OperatingPoint]) -> float:
    """Return the rate, 0..1, at which misses and false accepts are closest to equal, as their mean."""
    nearest = min(points, key=lambda point: abs(point.miss_rate - point.false_accept_rate))
    return (nearest.miss_rate + nearest.false_accept_rate) / 2


def measured_settings(labels: np.ndarray, probabilities: np.ndarray) -> DetectorConfig:
    """Return the default settings, for one wake word with the threshold that gives 1 % false accepts.

    Args:
        labels: int (n,); class 1 is the wake word where there are two classes.
        probabilities: float (n, classes), a model's answers on the validation split.
    """
    if probabilities.shape[1] != 2 or not np.isfinite(probabilities).all():
        return DetectorConfig()
    points = operating_points(labels == 1, probabilities[:, 1])
    return with_threshold(threshold_for(points, FALSE_ACCEPT_RATE).threshold)


def with_threshold(threshold: float) -> DetectorConfig:
    """Return the default settings with a threshold; without it where it lies outside of 0..1."""
    return replace(DetectorConfig(), threshold=threshold) if 0 < threshold <= 1 else DetectorConfig()
