"""One long audio file as a detector hears it: the score of every window, kept so that thresholds can be tried."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.data.audio.blocks import audio_blocks
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.decision import Detection, detect
from tfkws.detect.detector import Detector
from tfkws.detect.events import Matching, match
from tfkws.detect.timeline.timeline import Timeline
from tfkws.errors import ConfigError


@dataclass(frozen=True)
class HeardAudio:
    """The scores of one file.

    Attributes:
        name: of the file.
        digest: SHA-256 of its bytes.
        timeline: what is said in it.
        labels: classes of the scores.
        ends: int64 (n,), where each window ends, in samples from the beginning of the file; rising.
        scores: float32 (n, classes), smoothed.
    """

    name: str
    digest: str
    timeline: Timeline
    labels: tuple[str, ...]
    ends: np.ndarray
    scores: np.ndarray

    @property
    def hours(self) -> float:
        """Length of the audio."""
        return self.timeline.duration_s / 3600


@dataclass(frozen=True)
class Counted:
    """What a detector's settings make of one file."""

    heard: HeardAudio
    detections: tuple[Detection, ...]
    matching: Matching


def hear(
    detector: Detector, path: Path, progress: Callable[[float], None] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Let a detector hear a file from its first word to its last; return `ends` and `scores` of `HeardAudio`.

    One window of silence goes before and one after, so that a word at either end is heard as any other; windows that
    hold nothing but that silence are left out.

    Args:
        progress: called with the seconds that were heard.

    Raises:
        AudioError: the file cannot be decoded.
        ConfigError: the detector wants another rate than 16 kHz.
    """
    if detector.sample_rate_hz != SAMPLE_RATE_HZ:
        raise ConfigError(f"The detector takes {detector.sample_rate_hz} Hz; only {SAMPLE_RATE_HZ} Hz can be scored.")
    detector.reset()
    lead, seen = detector.window_samples, 0
    ends = [np.zeros(0, np.int64)]
    scores = [np.zeros((0, len(detector.labels)), np.float32)]
    for block in _between_silences(path, lead):
        if answers := detector.answers(block):
            ends.append(np.array([answer.end_sample - lead for answer in answers], np.int64))
            scores.append(np.stack([answer.scores for answer in answers]))
        seen += len(block)
        if progress is not None:
            progress(seen / SAMPLE_RATE_HZ)
    every = np.concatenate(ends)
    first, last = np.searchsorted(every, [1, seen - lead])
    return every[first:last], np.concatenate(scores)[first:last]


def count(heard: HeardAudio, settings: DetectorConfig, latency_s: float) -> Counted:
    """Decide by these settings and match with what was said; hop and smoothing are those that it was heard with."""
    detections = detect(heard.labels, settings, heard.ends, heard.scores, SAMPLE_RATE_HZ)
    return Counted(heard, tuple(detections), match(heard.timeline.utterances, detections, latency_s))


def _between_silences(path: Path, lead: int) -> Iterator[np.ndarray]:
    yield np.zeros(lead, np.float32)
    yield from audio_blocks(path)
    yield np.zeros(lead, np.float32)
