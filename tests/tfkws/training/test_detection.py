"""Operating points against a brute-force count at every threshold."""

import numpy as np
import pytest

from tfkws.training.detection import (
    Answers,
    equal_error_rate,
    judged_thresholds,
    measured_settings,
    operating_points,
    threshold_for,
)


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
    assert measured_settings(np.ones(6, int), np.full((6, 2), 0.5)).threshold == 0.5  # nothing to tell the word from


def answers(rng: np.random.Generator, split: str, clips: int, per_speaker: int = 1) -> Answers:
    is_word = np.arange(clips) < clips // 4
    probability = np.clip(rng.normal(0.3 + 0.4 * is_word, 0.15), 0, 1)
    return Answers(split, is_word, probability, np.arange(clips) // per_speaker)


def test_thresholds_are_set_on_some_clips_and_judged_on_others(rng: np.random.Generator) -> None:
    setting, judging = answers(rng, "validation", 2_000), answers(rng, "testing", 1_000)
    found = judged_thresholds(setting, judging, (0.01,))["0.01"]
    assert found.when_set == threshold_for(operating_points(setting.is_word, setting.probability), 0.01)
    accepted = judging.probability >= found.threshold
    assert found.miss_rate == pytest.approx(np.mean(~accepted[judging.is_word]))
    assert found.false_accept_rate == pytest.approx(np.mean(accepted[~judging.is_word]))


def test_intervals_of_independent_clips_are_the_binomial_ones(rng: np.random.Generator) -> None:
    setting, judging = answers(rng, "validation", 4_000), answers(rng, "testing", 4_000)
    found = judged_thresholds(setting, judging, (0.05,))["0.05"]
    for rate, interval, clips in (
        (found.miss_rate, found.miss_interval, 1_000),
        (found.false_accept_rate, found.false_accept_interval, 3_000),
    ):
        half = 1.96 * np.sqrt(rate * (1 - rate) / clips)
        assert interval == pytest.approx((rate - half, rate + half), abs=0.15 * half)


def test_a_rate_of_zero_keeps_an_upper_bound_over_its_speakers(rng: np.random.Generator) -> None:
    is_word = np.arange(120) < 20
    apart = Answers("testing", is_word, np.where(is_word, 0.9, 0.1), np.arange(120))
    found = judged_thresholds(apart, apart, (0.01,))["0.01"]
    assert found.miss_interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)))
    assert found.false_accept_interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 100)))


def test_rates_below_one_clip_of_either_set_are_left_out(rng: np.random.Generator) -> None:
    many, few = answers(rng, "validation", 2_000), answers(rng, "testing", 200)  # 150 of them without the word
    assert list(judged_thresholds(many, few, (0.001, 0.01))) == ["0.01"]
    assert list(judged_thresholds(few, many, (0.001, 0.01))) == ["0.01"]
    assert list(judged_thresholds(many, many, (0.001, 0.01))) == ["0.001", "0.01"]
