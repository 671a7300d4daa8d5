"""Splits as recordings: where clips lie, which windows are compared, and what counts as a clip's answer."""

from typing import Any

import numpy as np
import pytest

from tfkws.config import StreamConfig
from tfkws.data.clip_set import ClipSet
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.convert.stream_recording import (
    NOTHING,
    RecordedSplit,
    StreamDifferences,
    detected,
    record_clips,
)

RATE, COUNT = 16_000, 5
LABELS = ("_other_", "happy")


def clips() -> ClipSet:
    """Clips of noise, each twice as loud as the one before."""
    rng = np.random.default_rng(3)
    audio = (rng.normal(size=(COUNT, RATE)) * 200 * 2.0 ** np.arange(COUNT)[:, None]).astype(np.int16)
    files = tuple(f"happy/speaker{i}_nohash_0.wav" for i in range(COUNT))
    return ClipSet(audio, np.arange(COUNT) % 2, files, tuple(f"speaker{i}" for i in range(COUNT)))


def split(front_end: str, window: Any, delay: int = 3) -> RecordedSplit:
    made, features = clips(), FRONT_ENDS[front_end]
    recording = record_clips(made, RATE)
    files = tuple(made.files[i] for i in recording.order)
    speakers = tuple(made.speakers[i] for i in recording.order)
    ordered = ClipSet(made.audio[recording.order], made.labels[recording.order], files, speakers)
    config = StreamConfig(2, delay, features.frames + delay + 4, 1, False)
    return RecordedSplit(ordered, recording, features, LABELS, config, window)


def test_clips_follow_each_other_with_noise_as_loud_as_their_quietest_part() -> None:
    made = clips()
    recording = record_clips(made, RATE)
    assert sorted(recording.order) == list(range(COUNT))
    assert len(recording.audio) == COUNT * 24_000
    for begin, index in zip(recording.begins, recording.order, strict=True):
        np.testing.assert_allclose(recording.audio[begin : begin + RATE], made.audio[index] / 32_768, atol=1e-7)
        gap = recording.audio[begin + RATE : begin + RATE + 8_000]
        assert 0.8 < np.std(gap) / np.std(made.audio[index] / 32_768) < 1.05
    assert len(record_clips(made, RATE, most=2).order) == 2


@pytest.mark.parametrize("front_end", ["mfcc-40x32", "mfcc-49x10", "logmel-40x98"])
def test_the_sliding_window_sees_what_the_front_end_makes_of_each_window(front_end: str) -> None:
    seen: list[np.ndarray] = []

    def window(maps: np.ndarray) -> np.ndarray:
        seen.extend(maps)
        return np.zeros((len(maps), 2), np.float32)

    one = split(front_end, window)
    assert one.sliding.shape == (len(one.steps), 2)
    assert one.begins[0] >= 0 and one.begins[-1] + RATE <= len(one.recording.audio)
    for index in (0, 7, len(one.begins) - 1):
        audio = one.recording.audio[one.begins[index] : one.begins[index] + RATE]
        np.testing.assert_allclose(seen[index], extract(audio, one.features)[..., None], atol=2e-3)


def test_windows_are_those_that_ended_before_the_newest_frame_by_the_delay() -> None:
    one = split("logmel-40x98", lambda maps: maps, delay=7)
    newest = (one.steps + 1) * 2  # frames that have come after a step
    assert np.array_equal(one.begins, (newest - 7 - 98) * 160)


def test_a_clip_is_answered_by_the_smoothed_answer_that_is_surest_of_a_word() -> None:
    one = split("mfcc-49x10", lambda maps: maps)
    target = int(np.searchsorted(one.begins, one.recording.begins[2]))
    answers = np.tile(np.array([0.9, 0.1], np.float32), (len(one.steps), 1))
    answers[target - 1 : target + 3] = [0.1, 0.9]  # four answers 80 ms apart fill the smoothing of 300 ms
    said = one._of_clips(answers)
    np.testing.assert_allclose(said[2], [0.1, 0.9], atol=1e-6)
    np.testing.assert_allclose(said[[1, 3]], [[0.9, 0.1]] * 2, atol=1e-6)


def test_a_word_is_detected_from_the_threshold_on() -> None:
    answers = np.array([[0.2, 0.5, 0.3], [0.1, 0.45, 0.45], [0.9, 0.05, 0.05]])
    assert detected(answers, 0.45, ("_unknown_", "yes", "no")).tolist() == [1, 1, NOTHING]


def test_detections_pass_within_the_gate_or_within_noise() -> None:
    def made(difference: float, interval: tuple[float, float]) -> StreamDifferences:
        return StreamDifferences(100, 150.0, 900, 0.01, 0.2, (0.4, 0.4), 50, (50, 40), (0, 0), difference, interval)

    assert made(-0.004, (-0.006, -0.001)).passes(0.5)
    assert made(-0.1, (-0.3, 0.01)).passes(0.5)
    assert not made(-0.1, (-0.15, -0.05)).passes(0.5)
