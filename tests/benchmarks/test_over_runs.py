"""Scores over runs: closed forms for the two sources of variation, one at a time."""

import numpy as np
import pytest

from benchmarks.over_runs import counts_of_runs, difference_over_runs, mean_over_runs
from tfkws.training.metrics import accuracy, f1, score


def answers_with(labels: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.where(right, labels, 1 - labels)


def test_mean_is_the_mean_of_the_runs_scores() -> None:
    rng = np.random.default_rng(0)
    labels, answers, speakers = rng.integers(0, 3, 200), rng.integers(0, 3, (4, 200)), rng.integers(0, 40, 200)
    counts = counts_of_runs(labels, answers, speakers, 3)
    for measure, name in ((accuracy, "accuracy"), (f1, "f1")):
        expected = np.mean([getattr(score(labels, run, speakers, ("a", "b", "c")), name) for run in answers])
        mean, (low, high) = mean_over_runs(counts, measure)
        assert mean == pytest.approx(expected, abs=1e-12)
        assert low < mean < high


def test_interval_over_speakers_alone_has_the_width_of_the_normal_approximation() -> None:
    rng = np.random.default_rng(1)
    labels, speakers = rng.integers(0, 2, 2_000), np.arange(2_000)
    right = rng.random(2_000) < 0.8
    counts = counts_of_runs(labels, np.stack([answers_with(labels, right)] * 5), speakers, 2)
    mean, (low, high) = mean_over_runs(counts, accuracy)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(mean * (1 - mean) / 2_000), rel=0.06)


def test_interval_over_runs_alone_has_the_width_of_the_runs_spread() -> None:
    labels, speakers = np.zeros(1_000, int), np.repeat(np.arange(2), 500)  # both speakers are alike
    shares = np.array([0.80, 0.84, 0.86, 0.90, 0.92, 0.88, 0.83, 0.87])
    right = np.stack([np.tile(np.arange(500) < 500 * share, 2) for share in shares])
    mean, (low, high) = mean_over_runs(counts_of_runs(labels, answers_with(labels, right), speakers, 2), accuracy)
    assert mean == pytest.approx(shares.mean())
    assert high - low == pytest.approx(2 * 1.96 * shares.std() / np.sqrt(len(shares)), rel=0.08)


def test_difference_is_paired_over_speakers() -> None:
    rng = np.random.default_rng(2)
    labels, speakers = np.zeros(400, int), np.repeat(np.arange(100), 4)
    hard = np.repeat(rng.random(100) < 0.3, 4)  # speakers whom neither network understands
    first = counts_of_runs(labels, answers_with(labels, ~hard)[None], speakers, 2)
    better = ~hard | (np.arange(400) % 40 == 0)
    second = counts_of_runs(labels, answers_with(labels, better)[None], speakers, 2)
    difference, (low, high) = difference_over_runs(first, second, accuracy)
    assert difference == pytest.approx((hard & better).mean())
    assert high - low < 0.25 * np.subtract(*mean_over_runs(first, accuracy)[1][::-1])


def test_a_perfect_score_keeps_an_honest_bound() -> None:
    labels, speakers = np.arange(60) % 2, np.arange(60)
    _, (low, high) = mean_over_runs(counts_of_runs(labels, np.stack([labels] * 3), speakers, 2), accuracy)
    assert low == pytest.approx(0.025 ** (1 / 60))
    assert high == 1.0


def test_other_speakers_are_refused() -> None:
    labels = np.zeros(4, int)
    few, many = (counts_of_runs(labels, labels[None], np.arange(4) // size, 2) for size in (2, 1))
    with pytest.raises(ValueError, match="same speakers"):
        difference_over_runs(few, many, accuracy)
