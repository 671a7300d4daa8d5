"""Operating points against a brute-force count at every threshold."""

import numpy as np
import pytest

from tfkws.training.detection import equal_error_rate, measured_settings, operating_points, threshold_for


def test_points_equal_brute_force(rng: np.random.Generator) -> None:
    is_word = rng.random(200) < 0.3
    probability = np.round(np.clip(rng.normal(0.4 + 0.3 * is_word, 0.2), 0, 1), 2)
    for point in operating_points(is_word, probability):
        accepted = probability >= point.threshold
        assert point.miss_rate == pytest.approx(np.mean(~accepted[is_word]))
        assert point.false_accept_rate == pytest.approx(np.mean(accepted[~is_word]))


def test_threshold_keeps_the_wanted_rate_with_fewest_misses(rng: np.random.Generator) -> None:
    is_word = np.arange(1_000) < 200
    probability = np.clip(rng.normal(0.3 + 0.4 * is_word, 0.15), 0, 1)
    points = operating_points(is_word, probability)
    chosen = threshold_for(points, 0.01)
    assert chosen.false_accept_rate <= 0.01
    assert all(p.miss_rate >= chosen.miss_rate for p in points if p.false_accept_rate <= 0.01)


def test_threshold_goes_above_every_score_when_a_false_accept_scores_highest() -> None:
    points = operating_points(np.array([True, False]), np.array([0.5, 0.9]))
    assert threshold_for(points, 0.0).threshold > 0.9


def test_equal_error_rate_of_a_perfect_and_a_blind_detector() -> None:
    is_word = np.array([False, False, True, True])
    assert equal_error_rate(operating_points(is_word, np.array([0.1, 0.2, 0.8, 0.9]))) == 0.0
    assert equal_error_rate(operating_points(is_word, np.full(4, 0.5))) == 0.5


def test_measured_settings_hold_the_threshold_of_a_wake_word_only() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1])
    probabilities = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    settings = measured_settings(labels, np.stack([1 - probabilities, probabilities], axis=1))
    assert settings.threshold == 0.7
    assert measured_settings(labels, np.full((6, 3), 1 / 3)).threshold == 0.5
