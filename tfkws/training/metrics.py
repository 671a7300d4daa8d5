"""Scores of a classifier, with 95 % intervals over speakers; NumPy only, so that a device can compute them too."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.intervals import RESAMPLES, Interval, percentile_interval, perfect_score_bound, resampled_counts


@dataclass(frozen=True)
class Scores:
    """Scores on one split; all are shares 0..1.

    Attributes:
        clips, speakers: how many were scored.
        accuracy: share of clips that were answered right.
        majority_baseline: accuracy of always answering the commonest class.
        f1, precision, recall: of the wake word for two classes (label 1 is the word), macro averages over the
            classes that have clips otherwise.
        accuracy_interval, f1_interval, precision_interval, recall_interval: 95 % bootstrap intervals over
            speakers.
        recall_per_class, precision_per_class: by label; None for a class without clips.
        confusion: counts, shape (classes, classes), rows true, columns answered.
        labels: of the classes, in order.
    """

    clips: int
    speakers: int
    accuracy: float
    accuracy_interval: Interval
    majority_baseline: float
    f1: float
    f1_interval: Interval
    precision: float
    precision_interval: Interval
    recall: float
    recall_interval: Interval
    recall_per_class: dict[str, float | None]
    precision_per_class: dict[str, float | None]
    confusion: list[list[int]]
    labels: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def score(labels: np.ndarray, predicted: np.ndarray, speakers: np.ndarray, names: tuple[str, ...]) -> Scores:
    """Score predictions.

    Args:
        labels: int (n,), the true classes.
        predicted: int (n,), the answered classes.
        speakers: (n,), speaker of each clip; clips of one speaker are resampled together, because they are
            alike.
        names: label names in class order.

    Raises:
        ValueError: there are no clips, or none with (or none without) the wake word where that is the task.
    """
    if len(labels) == 0:
        raise ValueError("At least one clip is needed to compute a score.")
    if len(names) == 2 and len(np.unique(labels)) < 2:
        raise ValueError("A wake word is scored on clips with it and on clips without it.")
    counts = confusion_per_speaker(labels, predicted, speakers, len(names))
    total = counts.sum(axis=0)
    resampled = resampled_confusions(counts)

    figures: dict[str, Any] = {}
    for name, measure in (("accuracy", accuracy), ("f1", f1), ("precision", precision), ("recall", recall)):
        figures[name] = float(measure(total[None])[0])
        figures[f"{name}_interval"] = widened(interval_of(measure(resampled)), speakers_behind(name, counts))
    return Scores(
        clips=len(labels),
        speakers=len(counts),
        majority_baseline=float(total.sum(axis=1).max() / total.sum()),
        recall_per_class=_by_name(names, per_class_recall(total[None])[0]),
        precision_per_class=_by_name(names, per_class_precision(total[None])[0]),
        confusion=total.astype(int).tolist(),
        labels=names,
        **figures,
    )


def confusion_per_speaker(
    labels: np.ndarray, predicted: np.ndarray, speakers: np.ndarray, num_classes: int
) -> np.ndarray:
    """Confusion matrices (speakers, true class, answered class), as float64 counts."""
    names, index = np.unique(np.asarray(speakers), return_inverse=True)
    counts = np.zeros((len(names), num_classes, num_classes))
    np.add.at(counts, (index, labels, predicted), 1)
    return counts


def resampled_confusions(counts: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Draw speakers with replacement and sum their confusion matrices.

    Source: Efron and Tibshirani 1993, chapter 8.

    Args:
        counts: confusion matrices by speaker, shape (speakers, c, c).
        resamples: number of draws.
        seed: of the draws.

    Returns:
        float64 of shape (resamples, c, c).
    """
    speakers = len(counts)
    weights = resampled_counts(speakers, resamples, seed).astype(np.float64)
    return (weights @ counts.reshape(speakers, -1)).reshape(resamples, *counts.shape[1:])


def interval_of(resampled: np.ndarray) -> Interval:
    """Return the percentile interval of a score over resamples; those that cannot tell it (NaN) are left out."""
    return percentile_interval(resampled[~np.isnan(resampled)])


def speakers_behind(name: str, counts: np.ndarray) -> int:
    """Return how many speakers a score rests on.

    Accuracy and averages over classes rest on all of them; F1 and recall of a wake word on those who say it,
    its precision on those in whose clips it was heard.

    Args:
        name: "accuracy", "f1", "precision" or "recall".
        counts: confusion matrices by speaker, shape (speakers, c, c).
    """
    if name == "accuracy" or counts.shape[1] != 2:
        return len(counts)
    of_word = counts[:, :, 1] if name == "precision" else counts[:, 1]
    return max(1, int((of_word.sum(axis=1) > 0).sum()))


def widened(found: Interval, speakers: int) -> Interval:
    """Widen the interval (0..1) of a perfect, or perfectly wrong, score.

    Resampling cannot produce an error that was never seen. The bound is Clopper and Pearson's for none of
    `speakers` independent speakers failing.

    Example:
        >>> low, high = widened((1.0, 1.0), speakers=10)
        >>> round(low, 3), high
        (0.692, 1.0)
        >>> widened((0.9, 1.0), speakers=10)
        (0.9, 1.0)
    """
    bound = perfect_score_bound(speakers)
    if found[0] == found[1] == 1.0:
        return bound, 1.0
    return (0.0, 1 - bound) if found[0] == found[1] == 0.0 else found


def accuracy(confusions: np.ndarray) -> np.ndarray:
    """Share of right answers, (k,) for confusion matrices (k, c, c)."""
    return np.trace(confusions, axis1=1, axis2=2) / confusions.sum(axis=(1, 2))


def per_class_recall(confusions: np.ndarray) -> np.ndarray:
    """Recall (k, c); NaN for a class without clips, which nothing is known about."""
    return _of_present(confusions, _diagonal(confusions), confusions.sum(axis=2))


def per_class_precision(confusions: np.ndarray) -> np.ndarray:
    """Precision (k, c); 0 for a class that is never answered, NaN for one without clips."""
    return _of_present(confusions, _diagonal(confusions), confusions.sum(axis=1))


def per_class_f1(confusions: np.ndarray) -> np.ndarray:
    """F1 (k, c): 2 TP / (2 TP + FP + FN); NaN for a class without clips."""
    return _of_present(confusions, 2 * _diagonal(confusions), confusions.sum(axis=1) + confusions.sum(axis=2))


def f1(confusions: np.ndarray) -> np.ndarray:
    """Return F1, 0..1, of the wake word for two classes, macro F1 otherwise.

    Args:
        confusions: shape (k, c, c), rows true; the result has the shape (k,).
    """
    return _word_or_mean(per_class_f1(confusions))


def precision(confusions: np.ndarray) -> np.ndarray:
    """Return precision, 0..1, of the wake word for two classes, its macro average otherwise.

    Args:
        confusions: shape (k, c, c), rows true; the result has the shape (k,).
    """
    return _word_or_mean(per_class_precision(confusions))


def recall(confusions: np.ndarray) -> np.ndarray:
    """Return recall, 0..1, of the wake word for two classes, its macro average otherwise.

    Args:
        confusions: shape (k, c, c), rows true; the result has the shape (k,).
    """
    return _word_or_mean(per_class_recall(confusions))


def _word_or_mean(values: np.ndarray) -> np.ndarray:
    """Return the word's value of two classes (NaN without clips of it), else the mean over those with clips."""
    return values[:, 1] if values.shape[1] == 2 else np.nanmean(values, axis=1)


def _by_name(names: tuple[str, ...], values: np.ndarray) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else float(value) for name, value in zip(names, values, strict=True)}


def _diagonal(confusions: np.ndarray) -> np.ndarray:
    return np.diagonal(confusions, axis1=1, axis2=2)


def _of_present(confusions: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Return top / bottom (k, c), 0 where the bottom is 0, and NaN for each class without clips."""
    shares = np.divide(top, bottom, out=np.zeros_like(top, dtype=float), where=bottom > 0)
    return np.where(confusions.sum(axis=2) > 0, shares, np.nan)
