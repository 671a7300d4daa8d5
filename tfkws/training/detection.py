"""The trade between misses and false accepts of a wake word: ROC, DET, and where a detector's threshold is decided."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.intervals import Interval
from tfkws.training.metrics import confusion_per_speaker, interval_of, per_class_recall, resampled_confusions, widened

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


@dataclass(frozen=True)
class Answers:
    """What a model answered to the clips of one split.

    Attributes:
        split: its name.
        is_word: bool (n,), whether the clip holds the wake word.
        probability: float (n,), the model's probability of the wake word, 0..1.
        speakers: (n,), speaker of each clip.
    """

    split: str
    is_word: np.ndarray
    probability: np.ndarray
    speakers: np.ndarray

    @property
    def others(self) -> int:
        """Number of clips without the word."""
        return int(np.sum(~self.is_word))


@dataclass(frozen=True)
class JudgedThreshold(OperatingPoint):
    """A threshold on other clips than those it was set on, where there are others.

    Attributes:
        miss_interval, false_accept_interval: 95 % bootstrap intervals over speakers, 0..1.
        when_set: what it gave on the clips it was set on.
    """

    miss_interval: Interval
    false_accept_interval: Interval
    when_set: OperatingPoint


def judged_thresholds(setting: Answers, judging: Answers, rates: Sequence[float]) -> dict[str, JudgedThreshold]:
    """Set a threshold for each false-accept rate, 0..1, on some clips and judge it on others.

    Returns:
        By rate, written as text; rates that either set of clips cannot show (`rate_shown_by`) are left out.
    """
    others = min(setting.others, judging.others)
    points = operating_points(setting.is_word, setting.probability)
    shown = [rate for rate in rates if rate_shown_by(others, rate)]
    return {str(rate): judge(threshold_for(points, rate), judging) for rate in shown}


def judge(when_set: OperatingPoint, on: Answers) -> JudgedThreshold:
    """Return what a threshold gives on clips, with intervals over their speakers."""
    accepted = on.probability >= when_set.threshold
    counts = confusion_per_speaker(on.is_word.astype(int), accepted.astype(int), on.speakers, 2)
    resampled = 1 - per_class_recall(resampled_confusions(counts))  # of the word, misses
    others, word = 1 - per_class_recall(counts.sum(axis=0)[None])[0]
    speakers = (counts.sum(axis=2) > 0).sum(axis=0)
    others_interval, word_interval = (widened(interval_of(resampled[:, c]), int(speakers[c])) for c in (0, 1))
    return JudgedThreshold(when_set.threshold, float(word), float(others), word_interval, others_interval, when_set)


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


def rate_shown_by(others: int, rate: float) -> bool:
    """Whether a false-accept rate, 0..1, can be told from so many clips without the word: one is not above it.

    Example:
        >>> rate_shown_by(646, 0.01), rate_shown_by(646, 0.0001)
        (True, False)
    """
    return rate * others >= 1


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
    one_class = len(np.unique(labels)) < 2  # neither misses nor false accepts can be told
    if probabilities.shape[1] != 2 or one_class or not np.isfinite(probabilities).all():
        return DetectorConfig()
    points = operating_points(labels == 1, probabilities[:, 1])
    return with_threshold(threshold_for(points, FALSE_ACCEPT_RATE).threshold)


def with_threshold(threshold: float) -> DetectorConfig:
    """Return the default settings with a threshold; without it where it lies outside of 0..1."""
    return replace(DetectorConfig(), threshold=threshold) if 0 < threshold <= 1 else DetectorConfig()
