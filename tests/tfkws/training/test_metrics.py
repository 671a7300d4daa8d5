"""Scores against scikit-learn and against binomial theory."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from tfkws.training.metrics import score

NAMES = ("yes", "no", "_unknown_")


def drawn(rng: np.random.Generator, clips: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.integers(0, classes, clips)
    predicted = np.where(rng.random(clips) < 0.7, labels, rng.integers(0, classes, clips))
    return labels, predicted


def test_figures_equal_scikit_learn(rng: np.random.Generator) -> None:
    labels, predicted = drawn(rng, 500, 3)
    scores = score(labels, predicted, np.arange(500), NAMES)
    assert scores.accuracy == pytest.approx(reference.accuracy_score(labels, predicted))
    assert scores.f1 == pytest.approx(reference.f1_score(labels, predicted, average="macro"))
    assert scores.precision == pytest.approx(reference.precision_score(labels, predicted, average="macro"))
    assert scores.recall == pytest.approx(reference.recall_score(labels, predicted, average="macro"))
    assert scores.confusion == reference.confusion_matrix(labels, predicted).tolist()
    assert scores.majority_baseline == pytest.approx(np.bincount(labels).max() / 500)


def test_two_classes_give_the_scores_of_the_word(rng: np.random.Generator) -> None:
    labels, predicted = drawn(rng, 300, 2)
    scores = score(labels, predicted, np.arange(300), ("_other_", "sheila"))
    assert scores.f1 == pytest.approx(reference.f1_score(labels, predicted))
    assert scores.recall_per_class["sheila"] == pytest.approx(reference.recall_score(labels, predicted))


def test_interval_of_independent_clips_is_the_binomial_one() -> None:
    labels = np.zeros(1_000, int)
    predicted = (np.arange(1_000) < 200).astype(int)  # 80 % right
    low, high = score(labels, predicted, np.arange(1_000), NAMES).accuracy_interval
    half = 1.96 * np.sqrt(0.8 * 0.2 / 1_000)
    assert low == pytest.approx(0.8 - half, abs=0.004)
    assert high == pytest.approx(0.8 + half, abs=0.004)


def test_clips_of_one_speaker_widen_the_interval() -> None:
    labels = np.zeros(1_000, int)
    predicted = (np.arange(1_000) < 200).astype(int)
    alone = score(labels, predicted, np.arange(1_000), NAMES).accuracy_interval
    in_tens = score(labels, predicted, np.arange(1_000) // 10, NAMES).accuracy_interval
    ratio = (in_tens[1] - in_tens[0]) / (alone[1] - alone[0])
    assert ratio == pytest.approx(np.sqrt(10), rel=0.1)  # 100 independent groups instead of 1,000


def test_a_class_that_is_never_answered_scores_zero() -> None:
    scores = score(np.array([0, 1, 2]), np.array([0, 0, 0]), np.arange(3), NAMES)
    assert scores.precision_per_class["no"] == 0.0
    assert scores.recall_per_class["no"] == 0.0


def test_no_clips_is_an_error() -> None:
    with pytest.raises(ValueError, match="At least one clip"):
        score(np.array([], int), np.array([], int), np.array([]), NAMES)


def test_a_perfect_score_keeps_clopper_and_pearsons_bound() -> None:
    labels = np.arange(40) % 2
    scores = score(labels, labels, np.arange(40) // 2, ("_other_", "sheila"))  # 20 speakers
    exact = stats.binomtest(20, 20).proportion_ci(0.95, method="exact")
    assert scores.accuracy_interval == pytest.approx((exact.low, 1.0))
    assert scores.f1_interval == scores.accuracy_interval


def test_a_wholly_wrong_score_keeps_the_bound_from_above() -> None:
    labels = np.arange(40) % 2
    scores = score(labels, 1 - labels, np.arange(40), ("_other_", "sheila"))
    exact = stats.binomtest(0, 40).proportion_ci(0.95, method="exact")
    assert scores.accuracy_interval == pytest.approx((0.0, exact.high))


def test_a_class_without_clips_is_left_out_of_the_averages() -> None:
    labels = np.repeat([0, 1], 10)
    scores = score(labels, labels, np.arange(20), ("yes", "no", "_unknown_", "_silence_"))
    assert (scores.f1, scores.precision, scores.recall) == (1.0, 1.0, 1.0)
    assert scores.f1_interval == scores.accuracy_interval
    assert scores.recall_per_class == {"yes": 1.0, "no": 1.0, "_unknown_": None, "_silence_": None}


def test_averages_over_the_classes_present_equal_scikit_learn(rng: np.random.Generator) -> None:
    labels, predicted = drawn(rng, 300, 3)
    scores = score(labels, np.where(labels == 2, 3, predicted), np.arange(300), ("a", "b", "c", "d"))
    expected = reference.f1_score(labels, np.where(labels == 2, 3, predicted), labels=[0, 1, 2], average="macro")
    assert scores.f1 == pytest.approx(expected)  # "d" is answered, but there is none


def test_resamples_that_lack_a_class_do_not_lower_a_perfect_score() -> None:
    labels = np.array([0] * 10 + [1] * 10 + [2])  # one speaker holds all of the third class
    scores = score(labels, labels, np.arange(21), NAMES)
    assert scores.f1_interval == scores.accuracy_interval == pytest.approx((0.025 ** (1 / 21), 1.0))


def test_a_perfect_recall_rests_on_the_speakers_who_say_the_word() -> None:
    labels = np.array([1] * 5 + [0] * 95)
    scores = score(labels, labels, np.arange(100), ("_other_", "sheila"))
    assert scores.accuracy_interval[0] == pytest.approx(0.025 ** (1 / 100))
    assert scores.recall_interval[0] == scores.f1_interval[0] == pytest.approx(0.025 ** (1 / 5))


@pytest.mark.parametrize("only", [0, 1])
def test_a_wake_word_needs_clips_with_it_and_without_it(only: int) -> None:
    labels = np.full(10, only)
    with pytest.raises(ValueError, match="clips with it and on clips without it"):
        score(labels, labels, np.arange(10), ("_other_", "sheila"))
