import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_bundles import loudness_bundle

from tfkws.config.detector import ListenConfig
from tfkws.detect.decision import Answer
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import Event, Heard
from tfkws.detect.live.listening import Listening, Source, Status, common_rate, paced
from tfkws.errors import AudioError, ConfigError

RATE = 16_000
LOUD = (0.5 * np.sin(np.arange(RATE) / 3)).astype(np.float32)
SIGNAL = np.concatenate(
    [np.zeros(RATE, np.float32), LOUD, np.zeros(RATE, np.float32), LOUD, np.zeros(RATE, np.float32)]
)


def blocks_of(signal: np.ndarray, size: int = 1_600) -> Iterator[np.ndarray]:
    yield from np.split(signal, range(size, len(signal), size))


class Result:
    """What a listening told."""

    def __init__(
        self, source: Source, detectors: dict[str, Detector] | None = None, record: Path | None = None
    ) -> None:
        self.events: list[Event] = []
        self.statuses: list[Status] = []
        self.listening = Listening(
            detectors or {"loudness": Detector(loudness_bundle())}, source, ListenConfig(), self.events.append,
            self.statuses.append, record,
        )  # fmt: skip

    @property
    def heard(self) -> list[tuple[str, float]]:
        return [(e.ear, round(e.detection.time_s, 2)) for e in self.events if isinstance(e, Heard)]


class SlowDetector(Detector):
    """Takes as long for a window as `seconds`."""

    seconds = 0.35

    def answers(self, samples: np.ndarray) -> list[Answer]:
        found = super().answers(samples)
        time.sleep(self.seconds * len(found))
        return found


def test_a_file_is_heard_whole() -> None:
    result = Result(Source("file", blocks_of(SIGNAL), live=False))
    status = result.listening.run()
    assert len(result.heard) == 2
    assert status.seconds == 5.0
    assert status.ears["loudness"].answered == 41
    assert status.cpu_share > 0


def test_a_live_signal_is_heard_too_and_status_is_told() -> None:
    result = Result(Source("microphone", paced(blocks_of(SIGNAL[: 3 * RATE]), RATE), live=True, overflows=lambda: 7))
    status = result.listening.run()
    assert len(result.heard) == 1
    assert status.ears["loudness"].dropped == 0
    assert status.overflows == 7
    assert len(result.statuses) > 10
    assert max(status.level_db for status in result.statuses) == pytest.approx(-9, abs=0.5)
    assert result.statuses[-1].ears["loudness"].latency_ms < 200


def test_several_detectors_hear_one_signal_each_by_its_own_settings() -> None:
    deaf = Detector(loudness_bundle(), replace(loudness_bundle().detector, threshold=1.0))
    detectors = {"open": Detector(loudness_bundle()), "deaf": deaf}
    result = Result(Source("file", blocks_of(SIGNAL), live=False), detectors)
    result.listening.run()
    assert {ear for ear, _ in result.heard} == {"open"}


def test_a_slow_network_drops_windows_and_its_delay_does_not_grow() -> None:
    """Each window takes 3.5 hops: most are left out, the fast one beside it loses none, and capture is not held up."""
    detectors = {"slow": SlowDetector(loudness_bundle()), "fast": Detector(loudness_bundle())}
    result = Result(Source("microphone", paced(blocks_of(SIGNAL), RATE), live=True), detectors)
    began = time.monotonic()
    status = result.listening.run()
    assert time.monotonic() - began < 8
    slow, fast = status.ears["slow"], status.ears["fast"]
    assert slow.answered + slow.dropped == fast.answered == 41
    assert slow.dropped > 15
    assert fast.dropped == 0
    assert max(status.ears["slow"].latency_ms for status in result.statuses) < 1_500
    assert [ear for ear, _ in result.heard].count("fast") == 2


def test_audio_around_hits_is_kept(tmp_path: Path) -> None:
    result = Result(Source("file", blocks_of(SIGNAL), live=False), record=tmp_path)
    assert result.listening.run().recorded == 2
    assert len(list(tmp_path.rglob("*.wav"))) == 2


def test_a_folder_that_cannot_be_written_is_told_and_listening_goes_on(tmp_path: Path) -> None:
    (tmp_path / "hits").write_text("in the way")
    result = Result(Source("file", blocks_of(SIGNAL), live=False), record=tmp_path)
    status = result.listening.run()
    assert len(result.heard) == 2
    assert "cannot be written" in status.problem


@pytest.mark.parametrize("live", [False, True])
def test_a_source_that_fails_hands_on_what_was_heard_before(live: bool) -> None:
    def broken() -> Iterator[np.ndarray]:
        yield from blocks_of(SIGNAL[: 3 * RATE])
        time.sleep(0.5)
        raise AudioError("The microphone was unplugged.")

    result = Result(Source("microphone", broken(), live))
    with pytest.raises(AudioError, match="unplugged"):
        result.listening.run()
    if not live:
        assert len(result.heard) == 1


def test_it_stops_when_told() -> None:
    def endless() -> Iterator[np.ndarray]:
        while True:
            time.sleep(0.01)
            yield np.zeros(160, np.float32)

    result = Result(Source("microphone", endless(), live=True))
    threading.Timer(0.5, result.listening.stop).start()
    assert result.listening.run().seconds < 5


def test_memory_is_bounded() -> None:
    def hours() -> Iterator[np.ndarray]:
        for _ in range(600):
            yield np.zeros(RATE, np.float32)

    result = Result(Source("file", hours(), live=False), {"l": Detector(loudness_bundle())})
    result.listening.run()
    assert len(result.listening._ring._samples) == 10 * RATE


def test_bundles_of_two_rates_are_refused() -> None:
    other = Detector(loudness_bundle())
    other.sample_rate_hz = 8_000
    with pytest.raises(ConfigError, match="8000 Hz, 16000 Hz"):
        common_rate({"a": Detector(loudness_bundle()), "b": other})


def test_pace_is_that_of_the_clock() -> None:
    began = time.monotonic()
    assert len(list(paced(blocks_of(np.zeros(4_800, np.float32)), RATE))) == 3
    assert 0.28 < time.monotonic() - began < 1.5
