import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_bundles import loudness_bundle

from tfkws.config import DetectorConfig
from tfkws.config.detector import ListenConfig
from tfkws.detect.decision import Answer
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import Chunk, Ear, Event, Heard, NearMisses, level_db
from tfkws.detect.live.ring_buffer import RingBuffer

RATE = 16_000
LOUD = (0.5 * np.sin(np.arange(RATE) / 3)).astype(np.float32)
QUIET = np.zeros(RATE, np.float32)


def an_ear(
    live: bool = False, capacity_s: float = 60.0, settings: ListenConfig | None = None, **detector: Any
) -> tuple[Ear, RingBuffer, list[Event]]:
    ring, events = RingBuffer(round(RATE * capacity_s)), list[Event]()
    listener = Detector(loudness_bundle(), replace(DetectorConfig(), **detector))
    return Ear("loudness", listener, ring, settings or ListenConfig(), live, events.append), ring, events


def hear_all(ear: Ear, ring: RingBuffer) -> None:
    ring.close()
    ear.run()


def test_it_hears_what_is_in_the_buffer() -> None:
    ear, ring, events = an_ear()
    ring.write(np.concatenate([QUIET, LOUD, QUIET]))
    hear_all(ear, ring)
    (heard,) = [event for event in events if isinstance(event, Heard)]
    assert (heard.ear, heard.detection.label, heard.near_miss) == ("loudness", "loud", False)
    assert heard.latency_ms >= 0
    assert (ear.state.answered, ear.state.dropped, ear.state.detections) == (21, 0, 1)
    assert ear.state.busy_s > 0
    assert set(ear.state.scores) == {"loud"}


def test_live_it_leaves_windows_out_and_does_not_fall_behind() -> None:
    """Ten seconds are there at once: it goes on with the latest hop, and says how many windows it left out."""
    ear, ring, _ = an_ear(live=True)
    ring.write(np.zeros(10 * RATE, np.float32))
    ear.step()
    assert ear.behind == 0
    assert (ear.state.answered, ear.state.dropped) == (1, 90)


def test_live_it_takes_what_is_within_the_delay() -> None:
    ear, ring, _ = an_ear(live=True)
    ring.write(np.zeros(RATE, np.float32))
    ear.step()
    ring.write(np.zeros(RATE // 2, np.float32))
    while ear.behind:
        ear.step()
    assert (ear.state.answered, ear.state.dropped) == (6, 0)


def test_a_file_waits_and_nothing_is_left_out() -> None:
    ear, ring, _ = an_ear(live=False)
    ring.write(np.zeros(10 * RATE, np.float32))
    hear_all(ear, ring)
    assert (ear.state.answered, ear.state.dropped) == (91, 0)


def test_overwritten_audio_is_counted_and_times_stay_right() -> None:
    ear, ring, events = an_ear(capacity_s=2.5)
    ring.write(np.concatenate([np.zeros(3 * RATE, np.float32), LOUD, QUIET]))
    hear_all(ear, ring)
    assert ear.state.lost_samples == 2.5 * RATE
    (heard,) = [event for event in events if isinstance(event, Heard)]
    assert 3 < heard.detection.time_s < 4.2


def test_a_shut_gate_leaves_quiet_windows_out() -> None:
    ear, ring, events = an_ear(settings=ListenConfig(gate_db=-60.0))
    ring.write(np.concatenate([np.zeros(5 * RATE, np.float32), LOUD, np.zeros(5 * RATE, np.float32)]))
    hear_all(ear, ring)
    assert len(events) == 1
    assert ear.state.gated > 60
    assert ear.state.gated + ear.state.answered == 101


def test_no_gate_by_default() -> None:
    ear, ring, _ = an_ear()
    ring.write(np.zeros(5 * RATE, np.float32))
    hear_all(ear, ring)
    assert ear.state.gated == 0


def test_chunks_are_told_each() -> None:
    ear, ring, events = an_ear(chunk_ms=1_000.0)
    ring.write(np.concatenate([QUIET, LOUD, QUIET]))
    hear_all(ear, ring)
    assert [event.words for event in events if isinstance(event, Chunk)] == [(), ("loud",), ()]


def near_misses(bound: float | None, threshold: float, scores: list[float]) -> list[tuple[float, int]]:
    detector = Detector(loudness_bundle(), DetectorConfig(threshold=threshold))
    finder, found = NearMisses(detector, bound), []
    for end, score in enumerate(scores):
        answer = Answer(end, np.zeros(2, np.float32), np.array([1 - score, score], np.float32), ())
        found += finder.step(answer, {"loud": score})
    return [(round(one.score, 3), one.end_sample) for one in found]


@pytest.mark.parametrize(
    ("bound", "scores", "expected"),
    [
        (0.3, [0.1, 0.4, 0.6, 0.5, 0.1], [(0.6, 2)]),
        (0.3, [0.1, 0.4, 0.9, 0.5, 0.1], []),  # a detection
        (0.3, [0.4, 0.1, 0.5, 0.1], [(0.4, 0), (0.5, 2)]),
        (0.3, [0.1, 0.4], []),  # not over yet
        (None, [0.1, 0.4, 0.1], []),
        (0.9, [0.1, 0.95, 0.1], []),  # above the threshold
    ],
)
def test_near_misses(bound: float | None, scores: list[float], expected: list[tuple[float, int]]) -> None:
    assert near_misses(bound, 0.8, scores) == expected


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.ones(10), 0.0),
        (np.full(10, 0.1), -20.0),
        (np.zeros(10), -120.0),
        (np.zeros(0), -120.0),
        (np.array([np.nan, 1.0, np.inf]), 0.0),
        (np.sin(np.arange(100_000)), 10 * math.log10(0.5)),
    ],
)
def test_level(samples: np.ndarray, expected: float) -> None:
    assert level_db(samples) == pytest.approx(expected, abs=0.01)
