from dataclasses import replace

import numpy as np
import pytest

from tfkws.config import OTHER, DetectorConfig
from tfkws.detect.decision import Decider
from tfkws.errors import DataError
from tfkws.features.front_ends import get_front_end
from tfkws.wakeword.judging import Answers, answers_to, misses_around, moving_mean, operating_point
from tfkws.wakeword.rows import Rows

FEATURES = get_front_end("logmel-40x98")
HOUR = 360_000  # frames


def told(words: list[int], loud: dict[int, float], hours: float = 1.0) -> Answers:
    """Answers to a track on which the phrase ends at `words`, with scores that are loud at some frames, else 0.1."""
    frames = round(hours * HOUR)
    values = np.zeros((frames, 1), np.float16)
    places = np.array([[end - 50, end] for end in words], np.int64).reshape(-1, 2)
    rows = Rows(values, np.array([0, frames]), places, np.zeros((0, 2), np.int64))
    found = answers_to(rows, "phrase", FEATURES, lambda windows: np.full(len(windows), 0.1, np.float32), "synthetic")
    for frame, score in loud.items():
        found.scores[np.abs(found.ends // 160 - frame) < 25] = score
    return found


def test_smoothing_is_that_of_the_detector() -> None:
    scores = np.random.default_rng(0).random(50).astype(np.float32)
    for count in (1, 2, 3):
        settings = DetectorConfig(hop_ms=100.0, window_ms=100.0 * count)
        decider = Decider((OTHER, "phrase"), settings)
        heard = [decider.step(1_600 * n, np.array([1 - s, s])).scores[1] for n, s in enumerate(scores)]
        assert moving_mean(scores, count) == pytest.approx(np.array(heard), abs=1e-6)


def test_the_threshold_keeps_to_the_rate_and_misses_what_it_must() -> None:
    loud = {100_000: 0.9, 200_000: 0.8, 300_000: 0.6, 50_000: 0.7, 150_000: 0.5}
    found = operating_point(told([100_000, 200_000, 300_000], loud), per_hour=1.1, rest_ms=1_000.0)
    assert found.point.false_accepts <= 1
    assert 0.5 < found.settings.threshold <= 0.601
    assert (found.point.misses, found.point.utterances) == (0, 3)
    assert found.point in found.points and found.points[-1].false_accepts == 0
    strict = operating_point(told([100_000, 200_000, 300_000], loud), per_hour=0.5, rest_ms=1_000.0)
    assert strict.point.false_accepts == 0
    assert strict.point.misses == 1


def test_misses_around_a_rate_are_a_mean_over_rates() -> None:
    loud = {100_000: 0.9, 200_000: 0.8, 300_000: 0.6, 50_000: 0.7, 150_000: 0.5}
    loud |= {frame: 0.55 for frame in range(10_000, 48_000, 3_000)}  # more than sixteen times the rate allows
    answers = told([100_000, 200_000, 300_000], loud)
    found = misses_around(answers, per_hour=0.5, smoothing=1)
    assert found is not None
    misses, threshold = found
    assert misses == pytest.approx((1 / 3 + 0 + 0) / 3)  # 0.7 is accepted at four times the rate
    assert 0.7 < threshold <= 0.801
    noisy = told([], {frame: 1.0 for frame in range(10_000, HOUR, 10_000)})
    assert misses_around(noisy, per_hour=0.5) is None


def test_a_single_loud_answer_is_smoothed_away() -> None:
    answers = told([100_000], {100_000: 0.7})
    spike = np.searchsorted(answers.ends, 160 * 250_000)
    answers.scores[spike] = 1.0
    found = operating_point(answers, per_hour=0.5, rest_ms=1_000.0)
    assert found.settings.window_ms > 100.0
    assert found.point.misses == 0


def test_no_threshold_is_told() -> None:
    answers = told([], {frame: 1.0 for frame in range(10_000, HOUR, 10_000)})
    with pytest.raises(DataError, match="train longer"):
        operating_point(answers, per_hour=0.5, rest_ms=1_000.0)


def test_answers_of_another_hop_are_averaged_over_their_own_time() -> None:
    every = told([100_000, 200_000, 300_000], {at: 0.9 for at in (100_000, 200_000, 300_000)})
    found = operating_point(replace(every, hop_ms=30.0), per_hour=1.1, rest_ms=1_000.0, smoothings=(1,))
    assert (found.settings.hop_ms, found.settings.window_ms) == (30.0, 30.0)
