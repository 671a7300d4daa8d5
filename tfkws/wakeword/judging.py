"""What a network makes of tracks: misses at a wanted rate of false accepts, by the smoothing that costs least."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tfkws.config import OTHER, DetectorConfig, FeatureConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.events import Utterance
from tfkws.detect.long_audio import HeardAudio
from tfkws.detect.threshold_curve import CurvePoint, curve, threshold_for_rate
from tfkws.detect.timeline.timeline import Source, Timeline
from tfkws.errors import DataError
from tfkws.wakeword.rows import Rows
from tfkws.wakeword.windows import scored

HOP_MS = 100.0
LATENCY_S = 1.0  # after the phrase's end it may still be heard
SMOOTHINGS = (1, 2, 3, 4)  # answers that are averaged
AROUND = (1.0, 4.0, 16.0)


@dataclass(frozen=True)
class Answers:
    """A network's answers to tracks, heard as one stretch of audio.

    Attributes:
        ends: int64 (n,), in samples.
        scores: float32 (n,), of the phrase, as the network gives them.
        hop_ms: from one answer to the next.
    """

    timeline: Timeline
    phrase: str
    ends: np.ndarray
    scores: np.ndarray
    hop_ms: float = HOP_MS

    def smoothed(self, count: int) -> HeardAudio:
        """Average so many answers, as the detector does."""
        scores = moving_mean(self.scores, count)
        both = np.stack([1 - scores, scores], axis=1)
        return HeardAudio("tracks", "", self.timeline, (OTHER, self.phrase), self.ends, both)


@dataclass(frozen=True)
class Operating:
    """A detector's settings and what they give on the tracks that they were chosen on.

    Attributes:
        points: what other thresholds give with the same smoothing, from the lowest to the highest.
    """

    settings: DetectorConfig
    point: CurvePoint
    points: tuple[CurvePoint, ...] = ()


def answers_to(
    rows: Rows, phrase: str, features: FeatureConfig, answer: Callable[[np.ndarray], np.ndarray], source: Source
) -> Answers:
    """Ask a network about every window of tracks, one every `HOP_MS`."""
    hop = round(HOP_MS * SAMPLE_RATE_HZ / 1_000 / features.hop_samples)
    ends = np.arange(features.frames, rows.frames + 1, hop)
    scores = scored(rows.values, ends, features.frames, answer)
    return Answers(timeline_of(rows, phrase, features, source), phrase, ends * features.hop_samples, scores)


def timeline_of(rows: Rows, phrase: str, features: FeatureConfig, source: Source) -> Timeline:
    """Return tracks as one stretch of audio with the places of the phrase."""
    second = features.hop_samples / SAMPLE_RATE_HZ
    said = tuple(Utterance(phrase, float(start * second), float(end * second)) for start, end in rows.words)
    return Timeline(source=source, duration_s=rows.frames * second, utterances=said)


def operating_point(
    answers: Answers, per_hour: float, rest_ms: float, smoothings: Sequence[int] = SMOOTHINGS
) -> Operating:
    """Choose smoothing and threshold: the fewest misses at no more than so many false accepts an hour.

    Args:
        rest_ms: how long the phrase is not detected again.

    Raises:
        DataError: no smoothing has such a threshold.
    """
    found: list[Operating] = []
    for count in smoothings:
        settings = DetectorConfig(hop_ms=answers.hop_ms, window_ms=count * answers.hop_ms, refractory_ms=rest_ms)
        points = curve([answers.smoothed(count)], settings, LATENCY_S)
        try:
            point = threshold_for_rate(points, per_hour)
        except DataError:
            continue
        found.append(Operating(replace(settings, threshold=point.threshold), point, tuple(points)))
    if not found:
        raise DataError(
            f"No threshold gives {per_hour:g} false accepts an hour or fewer on the validation tracks; train longer, "
            "or allow more."
        )
    return min(found, key=lambda each: (each.point.misses, each.settings.window_ms))


def misses_around(answers: Answers, per_hour: float, smoothing: int = 2) -> tuple[float, float] | None:
    """Return the mean share of misses at `AROUND` times a rate, and the threshold for the rate itself.

    The misses at one rate alone hang on a handful of false accepts and jump from one set of weights to the next.

    Returns:
        None where no threshold gives the rate.
    """
    settings = DetectorConfig(hop_ms=answers.hop_ms, window_ms=smoothing * answers.hop_ms)
    points = curve([answers.smoothed(smoothing)], settings, LATENCY_S)
    try:
        found = [threshold_for_rate(points, times * per_hour) for times in AROUND]
    except DataError:
        return None
    shares = [point.misses / max(1, point.utterances) for point in found]
    return float(np.mean(shares)), found[0].threshold


def moving_mean(values: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of each value with those before it, `count` in all or as many as there are, float32 (n,).

    >>> moving_mean(np.array([1.0, 3.0, 5.0], np.float32), 2).tolist()
    [1.0, 2.0, 4.0]
    """
    sums = np.cumsum(np.concatenate([[0.0], values]))
    places = np.arange(1, len(values) + 1)
    before = np.maximum(places - count, 0)
    return ((sums[places] - sums[before]) / (places - before)).astype(np.float32)
