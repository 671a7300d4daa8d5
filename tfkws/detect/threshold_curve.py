"""False accepts an hour against false rejects, threshold by threshold, and the threshold for a wanted rate."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.decision import words_of
from tfkws.detect.events import seconds_without
from tfkws.detect.long_audio import HeardAudio, count
from tfkws.detect.rates import hours_needed
from tfkws.detect.timeline.timeline import Timeline
from tfkws.errors import ConfigError, DataError

HIGHEST_PEAKS = 150  # thresholds at which single false accepts come and go
SPREAD = 150  # further ones, at equal shares of the scores' peaks and of the words' scores


@dataclass(frozen=True)
class CurvePoint:
    """What a threshold gives.

    Attributes:
        hours: of audio in which a false accept can happen.
    """

    threshold: float
    false_accepts: int
    hours: float
    misses: int
    utterances: int
    doubles: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def curve(
    heard: Sequence[HeardAudio], settings: DetectorConfig, latency_s: float, thresholds: Sequence[float] | None = None
) -> list[CurvePoint]:
    """Count at every threshold, from the lowest to the highest.

    Args:
        thresholds: None for those at which something changes (`candidate_thresholds`).
    """
    hours = negative_hours([each.timeline for each in heard], latency_s)
    chosen = candidate_thresholds(heard, latency_s) if thresholds is None else sorted(thresholds)
    points = []
    for threshold in chosen:
        matchings = [
            count(each, replace(settings, threshold=threshold, found=None), latency_s).matching for each in heard
        ]
        points.append(
            CurvePoint(
                threshold=threshold,
                false_accepts=sum(len(matching.false_accepts) for matching in matchings),
                hours=hours,
                misses=sum(len(matching.misses) for matching in matchings),
                utterances=sum(len(matching.hits) for matching in matchings),
                doubles=sum(len(matching.doubles) for matching in matchings),
            )
        )
    return points


def negative_hours(timelines: Sequence[Timeline], latency_s: float) -> float:
    """Return the hours in which a false accept can happen: all but the words with their latency."""
    return sum(seconds_without((0.0, each.duration_s), each.utterances, latency_s) for each in timelines) / 3600


def candidate_thresholds(heard: Sequence[HeardAudio], latency_s: float) -> list[float]:
    """Return thresholds, rising, at which detections come and go: peaks of the scores, the highest ones all.

    The highest of all is just above the highest score, where nothing is detected, unless that is 1.
    """
    peaks = np.unique(np.concatenate([np.zeros(0, np.float32), *map(_peaks, heard)]))
    words = np.concatenate([np.zeros(0, np.float32), *(_word_scores(each, latency_s) for each in heard)])
    chosen = [peaks[-HIGHEST_PEAKS:], _spread(peaks), _spread(np.sort(words))]
    values = np.unique(np.concatenate(chosen))
    if len(peaks) and np.nextafter(peaks[-1], np.float32(2)) <= 1:
        values = np.append(values, np.nextafter(peaks[-1], np.float32(2)))
    return [float(value) for value in values if 0 < value <= 1]


def threshold_for_rate(points: Sequence[CurvePoint], rate: float) -> CurvePoint:
    """Return the lowest threshold from which on, upwards, no false accept more happens than `rate` an hour allows.

    Raises:
        DataError: even the highest threshold gives more, or there are no points.
    """
    best = None
    for point in reversed(points):
        if point.false_accepts > rate * point.hours:
            break
        best = point
    if best is None:
        raise DataError(
            f"No threshold up to 1 gives {rate:g} false accepts an hour or fewer; train with negatives like these."
        )
    return best


def outline(points: Sequence[CurvePoint], most: int) -> list[CurvePoint]:
    """Return the points of a curve at which more false accepts buy fewer misses, the fewest false accepts first.

    Args:
        points: of `curve`.
        most: how many are kept; the fewer false accepts, the closer they lie.
    """
    found: list[CurvePoint] = []
    for point in reversed(points):
        more = not found or point.false_accepts > found[-1].false_accepts
        if not found or (more and point.misses < found[-1].misses):
            found.append(point)
        elif not more and point.misses <= found[-1].misses:
            found[-1] = point
    places = np.geomspace(1, max(1, len(found)), most).round().astype(int) - 1
    return [found[place] for place in np.unique(places)] if len(found) > most else found


def check_hours(hours: float, rate: float) -> None:
    """Refuse a rate that the hours cannot show: without a false accept they would only show that it is below 3 / hours.

    Raises:
        ConfigError: there are fewer than 3 / rate hours.
    """
    if hours < hours_needed(rate) * (1 - 1e-9):
        raise ConfigError(
            f"{hours:.3g} h of audio cannot show {rate:g} false accepts an hour: it takes {hours_needed(rate):.3g} h "
            f"(3 / rate). Score more audio, or ask for {hours_needed(hours):.3g} an hour or more."
        )


def _peaks(heard: HeardAudio) -> np.ndarray:
    """Local maxima of every word's scores, float32 (k,)."""
    columns = [heard.scores[:, heard.labels.index(word)] for word in words_of(heard.labels)]
    padded = [np.pad(column, 1, constant_values=-1) for column in columns]
    found = [each[1:-1][(each[1:-1] >= each[:-2]) & (each[1:-1] >= each[2:])] for each in padded]
    return np.concatenate([np.zeros(0, np.float32), *found])


def _word_scores(heard: HeardAudio, latency_s: float) -> np.ndarray:
    """The highest score of each utterance, float32 (utterances,)."""
    found = []
    for utterance in heard.timeline.utterances:
        ends = [utterance.start_s * SAMPLE_RATE_HZ, (utterance.end_s + latency_s) * SAMPLE_RATE_HZ]
        first, last = np.searchsorted(heard.ends, ends)
        found.append(heard.scores[first:last, heard.labels.index(utterance.label)].max(initial=0))
    return np.array(found, np.float32)


def _spread(values: np.ndarray) -> np.ndarray:
    """Values at equal shares of sorted ones."""
    places = np.linspace(0, len(values) - 1, min(SPREAD, len(values))).round().astype(int)
    return values[places] if len(values) else values
