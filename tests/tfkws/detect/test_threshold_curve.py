"""The curve against counting window by window, and the threshold for a rate."""

import numpy as np
import pytest

from tfkws.config import DetectorConfig
from tfkws.detect.decision import Decider
from tfkws.detect.events import Utterance, match
from tfkws.detect.long_audio import HeardAudio
from tfkws.detect.threshold_curve import (
    CurvePoint,
    candidate_thresholds,
    check_hours,
    curve,
    negative_hours,
    outline,
    threshold_for_rate,
)
from tfkws.detect.timeline.timeline import Timeline
from tfkws.errors import ConfigError, DataError

SETTINGS = DetectorConfig(hop_ms=100, window_ms=100, refractory_ms=500)
WORDS = (Utterance("happy", 10.0, 10.5, "anna"), Utterance("happy", 30.0, 30.5, "ben"))


def heard(seed: int, seconds: float = 60.0) -> HeardAudio:
    rng = np.random.default_rng(seed)
    count = round(seconds * 10)
    happy = np.clip(np.convolve(rng.random(count), np.ones(3) / 3, "same") ** 2, 0, 1).astype(np.float32)
    scores = np.stack([1 - happy, happy], axis=1)
    ends = 1600 * np.arange(1, count + 1)
    return HeardAudio(f"{seed}.wav", "0", Timeline("recorded", seconds, WORDS), ("_other_", "happy"), ends, scores)


def test_every_point_is_what_counting_window_by_window_gives() -> None:
    files = [heard(0), heard(1)]
    for point in curve(files, SETTINGS, 1.0)[::17]:
        counts = np.zeros(3, int)
        for file in files:
            decider = Decider(file.labels, DetectorConfig(**SETTINGS.to_dict() | {"threshold": point.threshold}))
            steps = zip(file.ends, file.scores, strict=True)
            found = [one for end, each in steps for one in decider.step(int(end), each).detections]
            matching = match(WORDS, found, 1.0)
            counts += [len(matching.false_accepts), len(matching.misses), len(matching.doubles)]
        assert (point.false_accepts, point.misses, point.doubles) == tuple(counts)
        assert (point.utterances, point.hours) == (4, pytest.approx(2 * (60 - 3) / 3600))


def test_the_highest_threshold_detects_nothing_and_the_highest_peaks_are_all_there() -> None:
    files = [heard(2)]
    thresholds = candidate_thresholds(files, 1.0)
    points = curve(files, SETTINGS, 1.0, thresholds)
    assert (points[-1].false_accepts, points[-1].misses) == (0, 2)
    assert thresholds == sorted(set(thresholds)) and np.float32(thresholds[-2]) == files[0].scores[:, 1].max()


def test_no_audio_gives_no_thresholds() -> None:
    empty = HeardAudio("a", "0", Timeline("recorded", 0.5), ("_other_", "happy"), np.zeros(0, int), np.zeros((0, 2)))
    assert candidate_thresholds([empty], 1.0) == [] and curve([empty], SETTINGS, 1.0) == []
    assert negative_hours([empty.timeline], 1.0) == 0.5 / 3600


def point(threshold: float, false_accepts: int) -> CurvePoint:
    return CurvePoint(threshold, false_accepts, 4.0, 0, 10, 0)


def test_the_threshold_keeps_the_rate_from_there_on_upwards() -> None:
    points = [point(0.1, 1), point(0.2, 9), point(0.3, 2), point(0.4, 3), point(0.5, 1), point(0.6, 0)]
    assert threshold_for_rate(points, 0.5).threshold == 0.5
    assert threshold_for_rate(points, 0.75).threshold == 0.3
    assert threshold_for_rate(points, 5.0).threshold == 0.1
    with pytest.raises(DataError, match="No threshold up to 1 gives 0.5"):
        threshold_for_rate([point(0.9, 4)], 0.5)


def test_a_rate_that_the_hours_cannot_show_is_refused() -> None:
    check_hours(6.0, 0.5)
    with pytest.raises(ConfigError, match=r"2 h of audio cannot show 0.5 .* takes 6 h .* or ask for 1.5 an hour"):
        check_hours(2.0, 0.5)


def test_an_outline_is_where_more_false_accepts_buy_fewer_misses() -> None:
    def at(threshold: float, false_accepts: int, misses: int) -> CurvePoint:
        return CurvePoint(threshold, false_accepts, 4.0, misses, 20, 0)

    points = [at(0.1, 1, 9), at(0.2, 9, 2), at(0.3, 8, 5), at(0.4, 3, 5), at(0.5, 2, 6), at(0.6, 2, 7), at(0.7, 0, 8)]
    assert [(each.threshold, each.false_accepts) for each in outline(points, 60)] == [
        (0.7, 0), (0.5, 2), (0.4, 3), (0.2, 9)
    ]  # fmt: skip
    assert outline([], 60) == []


def test_a_long_outline_is_thinned_from_the_far_end() -> None:
    points = [CurvePoint(0.001 * (n + 1), 499 - n, 4.0, n, 500, 0) for n in range(500)]
    kept = outline(points, 60)
    assert len(kept) <= 60
    assert [each.false_accepts for each in kept[:3]] == [0, 1, 2] and kept[-1].false_accepts == 499


def test_a_rate_finds_no_fewer_misses_than_the_outline_has_and_no_more_than_the_curve() -> None:
    points = curve([heard(3), heard(4)], SETTINGS, 1.0)
    kept = outline(points, len(points))
    for rate in (20.0, 100.0, 400.0, 1_000.0):
        found = threshold_for_rate(points, rate)
        allowed = [each for each in kept if each.false_accepts <= rate * each.hours]
        assert allowed[-1].misses <= found.misses
        assert all(each in points for each in kept)
