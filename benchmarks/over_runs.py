"""Scores over several runs on the same clips, with one interval for both reasons why they vary: speakers and seeds."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from tfkws.intervals import RESAMPLES, Interval
from tfkws.training.metrics import confusion_per_speaker, interval_of, speakers_behind, widened

Measure = Callable[[np.ndarray], np.ndarray]  # confusion matrices (k, c, c) to scores (k,)


def counts_of_runs(labels: np.ndarray, answers: np.ndarray, speakers: np.ndarray, num_classes: int) -> np.ndarray:
    """Return confusion matrices, int (runs, speakers, true class, answered class), of answers, int (runs, clips)."""
    return np.stack([confusion_per_speaker(labels, answer, speakers, num_classes) for answer in answers])


def mean_over_runs(counts: np.ndarray, measure: Measure) -> tuple[float, Interval]:
    """Return the mean score of the runs, with a 95 % bootstrap interval that redraws speakers and runs.

    Args:
        counts: (runs, speakers, c, c), of `counts_of_runs`. One run gives an interval over speakers alone.
    """
    drawn = _resampled(counts, measure, _draw_speakers(counts.shape[1]), 1)
    return _mean(counts, measure), widened(interval_of(drawn), speakers_behind(measure.__name__, counts[0]))


def difference_over_runs(
    first: np.ndarray, second: np.ndarray, measure: Measure, *, runs_in_pairs: bool = False
) -> tuple[float, Interval]:
    """Return the mean score of the second network's runs less that of the first's, with its 95 % interval.

    The speakers are redrawn for both alike, because the clips are the same; the runs of each by themselves, because
    the same seed means nothing to different trainings, unless they come in pairs, as a network and its int8 file.

    Raises:
        ValueError: the two were not scored on the same speakers.
    """
    if first.shape[1:] != second.shape[1:]:
        raise ValueError(f"Both must have the same speakers and classes. Received {first.shape} and {second.shape}.")
    weights = _draw_speakers(first.shape[1])
    drawn = _resampled(second, measure, weights, 1 if runs_in_pairs else 2) - _resampled(first, measure, weights, 1)
    return _mean(second, measure) - _mean(first, measure), interval_of(drawn)


def _mean(counts: np.ndarray, measure: Measure) -> float:
    return float(measure(counts.sum(axis=1)).mean())


@lru_cache(maxsize=4)  # every network of a table is judged by the same draws, which take longer than the rest
def _draw_speakers(speakers: int) -> np.ndarray:
    """Return how often each speaker is drawn: float64 (resamples, speakers)."""
    rng = np.random.default_rng(0)
    return rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=RESAMPLES).astype(np.float64)


def _resampled(counts: np.ndarray, measure: Measure, weights: np.ndarray, seed: int) -> np.ndarray:
    """Return mean scores (resamples,) of redrawn runs on redrawn speakers."""
    runs, speakers, classes, _ = counts.shape
    matrices = [(weights @ run.reshape(speakers, -1)).reshape(-1, classes, classes) for run in counts]
    scores = np.stack([measure(matrix) for matrix in matrices])
    picked = np.random.default_rng(seed).integers(runs, size=(len(weights), runs))
    return np.take_along_axis(scores.T, picked, axis=1).mean(axis=1)
