"""Rows by source, ratio and room of a file whose counts a person can follow."""

import numpy as np
import pytest

from tfkws.detect.breakdown import by_scene, false_accepts, room_of, snr_of, triggers, whole
from tfkws.detect.decision import Detection
from tfkws.detect.events import Utterance, match
from tfkws.detect.long_audio import Counted, HeardAudio
from tfkws.detect.timeline.timeline import Scene, SpokenEvent, Timeline

SCENES = (
    Scene(0.0, 60.0, "dry", None, "", ""),
    Scene(60.0, 120.0, "hall", 10.0, "tap.wav", "90 to 100 %"),
    Scene(120.0, 180.0, "dry", 20.0, "tap.wav", "90 to 100 %"),
)
WORDS = (
    Utterance("happy", 10.0, 11.0, "anna"),
    Utterance("happy", 70.0, 71.0, "ben"),
    Utterance("happy", 75.0, 76.0, "ben"),
)
EVENTS = (
    SpokenEvent(29.0, 30.0, "other word", "cat", "cat/a.wav", "a", "testing", "recorded", -26.0, None, "dry"),
    SpokenEvent(139.0, 145.0, "sentence", "", "b.wav", "", "", "recorded", -26.0, 20.0, "dry"),
)
TIMES = (10.9, 11.5, 29.9, 70.5, 110.0, 140.0, 145.9)


@pytest.fixture
def counted() -> Counted:
    detections = tuple(Detection("happy", 0.9, round(time * 16_000), time) for time in TIMES)
    timeline = Timeline("composed", 180.0, WORDS, SCENES, EVENTS)
    heard = HeardAudio("a.flac", "", timeline, ("_other_", "happy"), np.zeros(0, int), np.zeros((0, 2)))
    return Counted(heard, detections, match(WORDS, detections, 1.0))


def test_the_whole(counted: Counted) -> None:
    row = whole("composed", [counted], 1.0)
    assert (row.false_accepts.events, row.doubles) == (4, 1)
    assert row.false_accepts.hours == pytest.approx((180 - 3 * 2) / 3600)
    assert (row.rejects.misses, row.rejects.utterances, row.rejects.speakers) == (1, 3, 2)


def test_by_ratio_clean_first_then_falling(counted: Counted) -> None:
    rows = by_scene([counted], 1.0, snr_of)
    found = [(row.name, row.false_accepts.events, row.rejects.misses, row.rejects.utterances) for row in rows]
    assert found == [("clean", 1, 0, 1), ("20 dB", 2, 0, 0), ("10 dB", 1, 1, 2)]
    assert [row.false_accepts.hours * 3600 for row in rows] == pytest.approx([58, 60, 56])


def test_by_room_adds_up_to_the_whole(counted: Counted) -> None:
    rows = {row.name: row for row in by_scene([counted], 1.0, room_of)}
    assert (rows["dry"].false_accepts.events, rows["hall"].false_accepts.events) == (3, 1)
    assert sum(row.doubles for row in rows.values()) == 1
    hours = sum(row.false_accepts.hours for row in rows.values())
    assert hours == pytest.approx(whole("composed", [counted], 1.0).false_accepts.hours)


def test_what_was_said_before_each_false_accept(counted: Counted) -> None:
    assert [detection.time_s for _, detection in false_accepts([counted])] == [29.9, 110.0, 140.0, 145.9]
    assert triggers([counted], 1.0) == [("a sentence", 2), ("cat", 1), ("no speech", 1)]


def test_a_recording_without_scenes_has_no_rows(counted: Counted) -> None:
    timeline = Timeline("recorded", 180.0, WORDS)
    heard = HeardAudio("a.flac", "", timeline, ("_other_", "happy"), np.zeros(0, int), np.zeros((0, 2)))
    plain = Counted(heard, counted.detections, counted.matching)
    assert by_scene([plain], 1.0, snr_of) == [] and triggers([plain], 1.0) == []
