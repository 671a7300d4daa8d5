"""Which detections answer which utterances: hits, misses, doubles and false accepts. Pure, no audio.

A detection hits an utterance of its own label if it falls between the utterance's start and `latency_s` after its end.
An utterance is hit once and a detection hits once. Further detections in that stretch are doubles: the word was there,
so they are no false accepts, but a user would see the lamp go off again, so they are counted on their own. All other
detections are false accepts. What one long rise of the score is, and how long a label rests after a detection, the
detector decides (`tfkws.detect.decision`): each of its detections is one event.
"""

import heapq
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tfkws.errors import DataError

Stretch = tuple[float, float]  # from and to, in seconds


class Heard(Protocol):
    """What is asked of a detection."""

    @property
    def label(self) -> str:
        """The word."""

    @property
    def time_s(self) -> float:
        """When it was decided."""


@dataclass(frozen=True)
class Utterance:
    """A word that was said.

    Attributes:
        start_s, end_s: where it lies, in seconds from the beginning of its audio.
        speaker: who said it; "" where that is not known.
    """

    label: str
    start_s: float
    end_s: float
    speaker: str = ""


@dataclass(frozen=True)
class Matching:
    """What became of utterances and detections, by their positions.

    Attributes:
        hits: for each utterance, the detection that hit it, or None.
        doubles: detections of a word that was hit already.
        false_accepts: detections of a word that was not said.
    """

    hits: tuple[int | None, ...]
    doubles: tuple[int, ...]
    false_accepts: tuple[int, ...]

    @property
    def misses(self) -> tuple[int, ...]:
        """Utterances that no detection hit."""
        return tuple(number for number, hit in enumerate(self.hits) if hit is None)


def match(utterances: Sequence[Utterance], detections: Sequence[Heard], latency_s: float) -> Matching:
    """Give each detection, in order of time, the utterance whose time runs out first among those that it may hit.

    No other assignment hits more utterances (earliest deadline first; points and intervals, Glover 1967).

    Args:
        detections: in any order.
        latency_s: how long after its end an utterance may still be hit.

    Example:
        >>> from tfkws.detect.decision import Detection
        >>> said = [Utterance("happy", 1.0, 1.6)]
        >>> heard = [Detection("happy", 0.9, 16_000 * t, float(t)) for t in (2, 3, 9)]
        >>> match(said, heard, latency_s=1.5)
        Matching(hits=(0,), doubles=(1,), false_accepts=(2,))
    """
    hits: list[int | None] = [None] * len(utterances)
    doubles: list[int] = []
    false_accepts: list[int] = []
    for label in sorted({detection.label for detection in detections}):
        said = sorted((u.start_s, u.end_s + latency_s, n) for n, u in enumerate(utterances) if u.label == label)
        heard = sorted((d.time_s, n) for n, d in enumerate(detections) if d.label == label)
        found, others = _earliest_deadline_first(said, heard)
        for utterance, detection in found:
            hits[utterance] = detection
        stretches = merged([(start, end) for start, end, _ in said])
        for number in others:
            inside = _inside(detections[number].time_s, stretches)
            (doubles if inside else false_accepts).append(number)
    return Matching(tuple(hits), tuple(sorted(doubles)), tuple(sorted(false_accepts)))


def merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return the union of stretches as stretches that do not touch, in order.

    >>> merged([(5.0, 6.0), (0.0, 2.0), (1.0, 3.0)])
    [(0.0, 3.0), (5.0, 6.0)]
    """
    united: list[Stretch] = []
    for start, end in sorted(stretches):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def seconds_without(stretch: Stretch, utterances: Sequence[Utterance], latency_s: float) -> float:
    """Return how much of a stretch lies outside of every utterance and its latency: where a false accept can happen.

    >>> seconds_without((0.0, 10.0), [Utterance("happy", 1.0, 1.5), Utterance("happy", 9.0, 9.5)], latency_s=1.0)
    7.5
    """
    begin, stop = stretch
    covered = merged([(u.start_s, u.end_s + latency_s) for u in utterances])
    return stop - begin - sum(max(0.0, min(end, stop) - max(start, begin)) for start, end in covered)


def check_utterances(utterances: Sequence[Utterance]) -> None:
    """Refuse utterances of one label that overlap, since nobody could say which of them a detection hits.

    Raises:
        DataError: two overlap; the sentence says where.
    """
    last: dict[str, Utterance] = {}
    for utterance in sorted(utterances, key=lambda each: each.start_s):
        before = last.get(utterance.label)
        if before is not None and utterance.start_s < before.end_s:
            raise DataError(
                f"Two utterances of {utterance.label!r} overlap, {before.start_s:.2f} to {before.end_s:.2f} s and "
                f"{utterance.start_s:.2f} to {utterance.end_s:.2f} s; let the first end before the second begins."
            )
        last[utterance.label] = utterance


def _earliest_deadline_first(
    said: Sequence[tuple[float, float, int]], heard: Sequence[tuple[float, int]]
) -> tuple[list[tuple[int, int]], list[int]]:
    """Return (utterance, detection) of the hits, and the detections that hit nothing; both arguments are sorted."""
    waiting: list[tuple[float, int]] = []  # (deadline, utterance) of those that have begun
    found, others, begun = [], [], 0
    for time_s, detection in heard:
        while begun < len(said) and said[begun][0] <= time_s:
            heapq.heappush(waiting, said[begun][1:])
            begun += 1
        while waiting and waiting[0][0] < time_s:
            heapq.heappop(waiting)
        if waiting:
            found.append((heapq.heappop(waiting)[1], detection))
        else:
            others.append(detection)
    return found, others


def _inside(time_s: float, stretches: Sequence[Stretch]) -> bool:
    """Whether a time lies in one of stretches that are sorted and do not touch."""
    place = bisect_right(stretches, time_s, key=lambda stretch: stretch[0])
    return place > 0 and time_s <= stretches[place - 1][1]
