"""One detector that reads a ring buffer: what it heard, how far behind it is, and what it had to leave out."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tfkws.config.detector import ListenConfig
from tfkws.detect.decision import Answer, Detection
from tfkws.detect.detector import Detector
from tfkws.detect.live.ring_buffer import RingBuffer

SILENCE_DB = -120.0


@dataclass(frozen=True)
class Heard:
    """A word was heard, or nearly.

    Attributes:
        ear: name of the detector that heard it.
        near_miss: whether the score rose to `ListenConfig.near_miss` only.
        latency_ms: from the arrival of the window's last sample to the answer.
    """

    ear: str
    detection: Detection
    near_miss: bool
    latency_ms: float


@dataclass(frozen=True)
class Chunk:
    """The answer to one chunk, where chunks are judged alone: the words in it, none for 0.

    Attributes:
        time_s: where the chunk ends.
    """

    ear: str
    time_s: float
    words: tuple[str, ...]


Event = Heard | Chunk


@dataclass
class EarState:
    """What an ear did so far; written by its own thread, read by others.

    Attributes:
        answered: windows that the network answered.
        dropped: windows left out because the network was behind.
        gated: windows left out because it was quiet.
        lost_samples: overwritten before they were read.
        busy_s: time spent on the front end and the network.
        latency_ms: of the latest answer.
        scores: smoothed score of each word, of the latest answer.
    """

    answered: int = 0
    dropped: int = 0
    gated: int = 0
    lost_samples: int = 0
    bad_samples: int = 0
    detections: int = 0
    near_misses: int = 0
    busy_s: float = 0.0
    latency_ms: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    latest: Detection | None = None


class Ear:
    """Listens to a ring buffer with one detector.

    Args:
        name: of the detector, for messages.
        live: leave windows out rather than fall behind; False where audio waits, as in a file.
        tell: called with whatever is heard.
    """

    def __init__(
        self, name: str, detector: Detector, ring: RingBuffer, settings: ListenConfig, live: bool,
        tell: Callable[[Event], None],
    ) -> None:  # fmt: skip
        self.name, self.detector, self.state = name, detector, EarState()
        self._ring, self._settings, self._live, self._tell = ring, settings, live, tell
        self._position = 0
        self._quiet_samples = 0
        self._near = NearMisses(detector, settings.near_miss)

    def run(self) -> None:
        """Listen until the buffer is closed and all that came was heard."""
        while self._ring.wait_for(self._position + self.detector.hop_samples - 1) or self.behind:
            self.step()

    @property
    def behind(self) -> int:
        """Samples that are there and were not listened to."""
        return self._ring.written - self._position

    def step(self) -> None:
        """Listen to one hop of what is there, after leaving out what there is no time for."""
        hop = self.detector.hop_samples
        if self._live and self.behind > hop + self._settings.max_delay_ms * self.detector.sample_rate_hz / 1_000:
            self.state.dropped += self._skip(self.behind - hop)
        samples = self._take(hop)
        if self._is_quiet(samples):
            self.state.gated += self._skipped(samples)
        else:
            self._listen(samples)
        self.state.bad_samples = self.detector.bad_samples

    def _listen(self, samples: np.ndarray) -> None:
        began = time.perf_counter()
        answers = self.detector.answers(samples)
        self.state.busy_s += time.perf_counter() - began
        for answer in answers:
            self._report(answer)

    def _report(self, answer: Answer) -> None:
        state = self.state
        state.answered += 1
        state.latency_ms = 1e3 * (time.monotonic() - self._ring.arrived(answer.end_sample))
        by_label = zip(self.detector.labels, answer.scores, strict=True)
        scores = {label: float(score) for label, score in by_label if label in self.detector.words}
        state.scores = scores
        near_misses = self._near.step(answer, scores)
        state.detections += len(answer.detections)
        state.near_misses += len(near_misses)
        if self.detector.settings.chunk_ms is not None:
            words = tuple(detection.label for detection in answer.detections)
            self._tell(Chunk(self.name, answer.end_sample / self.detector.sample_rate_hz, words))
        for detection in answer.detections:
            state.latest = detection
            self._tell(Heard(self.name, detection, False, state.latency_ms))
        for miss in near_misses:
            self._tell(Heard(self.name, miss, True, state.latency_ms))

    def _take(self, count: int) -> np.ndarray:
        """Read the next samples; audio that was overwritten is taken as zeros, so that times stay right."""
        stretch = self._ring.read(self._position, self._position + count)
        if stretch.lost:
            self.state.lost_samples += stretch.lost
            self.state.dropped += self.detector.skip(np.zeros(stretch.lost, np.float32))
        self._position = stretch.begin + len(stretch.samples)
        return stretch.samples

    def _skip(self, count: int) -> int:
        return self._skipped(self._take(count))

    def _skipped(self, samples: np.ndarray) -> int:
        began = time.perf_counter()
        windows = self.detector.skip(samples)
        self.state.busy_s += time.perf_counter() - began
        return windows

    def _is_quiet(self, samples: np.ndarray) -> bool:
        """Whether the gate is shut: the level was below it for a whole window."""
        if self._settings.gate_db is None:
            return False
        quiet = level_db(samples) < self._settings.gate_db
        self._quiet_samples = self._quiet_samples + len(samples) if quiet else 0
        return self._quiet_samples > self.detector.window_samples


class NearMisses:
    """Finds rises of a score that reach a bound, stay below the threshold, and go again.

    Args:
        bound: None finds none.
    """

    def __init__(self, detector: Detector, bound: float | None) -> None:
        self._detector, self._bound = detector, bound
        self._peaks: dict[str, Detection] = {}

    def step(self, answer: Answer, scores: dict[str, float]) -> list[Detection]:
        """Take one answer and return the near misses that ended with it, each at its peak."""
        if self._bound is None:
            return []
        ended = []
        for label, score in scores.items():
            peak = self._peaks.get(label)
            if score < self._bound:
                ended += [peak] if peak and peak.score < self._detector.settings.threshold else []
                self._peaks.pop(label, None)
            elif peak is None or score > peak.score:
                end = answer.end_sample
                self._peaks[label] = Detection(label, score, end, end / self._detector.sample_rate_hz)
        return ended


def level_db(samples: np.ndarray) -> float:
    """Return the level of samples in dB of full scale: 0 for a square wave of full scale, -120 for silence.

    Example:
        >>> round(level_db(np.full(100, 0.1)))
        -20
    """
    finite = samples[np.isfinite(samples)]
    power = float(np.mean(np.square(finite, dtype=np.float64))) if len(finite) else 0.0
    return max(SILENCE_DB, 10 * math.log10(max(power, 1e-12)))
