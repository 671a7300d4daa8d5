"""From a network's probabilities, one window after the other, to detections: smoothing, threshold, refractory time.

A label is detected when its smoothed probability reaches the threshold, its refractory time is over, and the
probability has been below the threshold since the label's last detection: one long rise is one detection. Other labels
are not held up by it. With `chunk_ms` each window is judged alone, as paper A does.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.config import NO_WORDS, DetectorConfig


@dataclass(frozen=True)
class Detection:
    """A word was heard.

    Attributes:
        score: its smoothed probability, 0..1.
        end_sample: where the window ends that decided it, counted from the stream's first sample.
        time_s: the same in seconds.
    """

    label: str
    score: float
    end_sample: int
    time_s: float


@dataclass(frozen=True)
class Answer:
    """What one window gave.

    Attributes:
        end_sample: where the window ends, counted from the stream's first sample, exclusive.
        raw: float32 (classes,), the network's probabilities.
        scores: float32 (classes,), averaged over `DetectorConfig.window_ms`.
        detections: words that this window decided.
    """

    end_sample: int
    raw: np.ndarray
    scores: np.ndarray
    detections: tuple[Detection, ...]


def words_of(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels that can be detected: all but silence, unknown and other."""
    return tuple(label for label in labels if label not in NO_WORDS)


class Decider:
    """Turns probabilities into detections, window by window.

    Args:
        labels: class names, in the order of the probabilities.
        settings: may be replaced at any time by setting the attribute of that name.

    Example:
        >>> import numpy as np
        >>> decider = Decider(("_other_", "happy"), DetectorConfig(window_ms=100, threshold=0.8))
        >>> answers = [decider.step(1_600 * k, np.array([1 - p, p])) for k, p in enumerate((0.1, 0.9, 0.9))]
        >>> [len(answer.detections) for answer in answers]
        [0, 1, 0]
    """

    def __init__(self, labels: Sequence[str], settings: DetectorConfig, sample_rate_hz: int = 16_000) -> None:
        self.labels, self.settings = tuple(labels), settings
        self._rate = sample_rate_hz
        self._words = [(index, label) for index, label in enumerate(labels) if label not in NO_WORDS]
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._recent: deque[tuple[int, np.ndarray]] = deque()
        self._last: dict[str, int] = {}
        self._held: set[str] = set()

    def step(self, end_sample: int, probabilities: np.ndarray) -> Answer:
        """Take the probabilities (classes,) of the window that ends at `end_sample`; windows come in order."""
        raw = np.asarray(probabilities, np.float32)
        scores = self._smooth(end_sample, raw)
        found = [self._detect(label, float(scores[index]), end_sample) for index, label in self._words]
        return Answer(end_sample, raw, scores, tuple(one for one in found if one is not None))

    def _smooth(self, end: int, raw: np.ndarray) -> np.ndarray:
        if self.settings.chunk_ms is not None:
            return raw
        self._recent.append((end, raw))
        oldest = end - self._samples(self.settings.window_ms)
        while self._recent[0][0] <= oldest and len(self._recent) > 1:
            self._recent.popleft()
        return np.mean([each for _, each in self._recent], axis=0, dtype=np.float32)

    def _detect(self, label: str, score: float, end: int) -> Detection | None:
        if score < self.settings.threshold:
            self._held.discard(label)
            return None
        if self.settings.chunk_ms is None and (label in self._held or not self._rested(label, end)):
            return None
        self._held.add(label)
        self._last[label] = end
        return Detection(label, score, end, end / self._rate)

    def _rested(self, label: str, end: int) -> bool:
        last = self._last.get(label)
        return last is None or end - last >= self._samples(self.settings.refractory_ms)

    def _samples(self, milliseconds: float) -> int:
        return round(milliseconds * self._rate / 1_000)


def detect(
    labels: Sequence[str], settings: DetectorConfig, ends: np.ndarray, scores: np.ndarray, sample_rate_hz: int = 16_000
) -> list[Detection]:
    """Apply the rule of `Decider` to scores that are smoothed already, for one threshold after the other.

    Args:
        ends: int (n,), rising.
        scores: float32 (n, classes), as in `Answer.scores`.

    Returns:
        The detections in order of time.
    """
    rest = 0 if settings.chunk_ms is not None else round(settings.refractory_ms * sample_rate_hz / 1_000)
    found = []
    for index, label in enumerate(labels):
        if label in NO_WORDS:
            continue
        reached = scores[:, index] >= np.float32(settings.threshold)
        chosen = np.flatnonzero(reached) if settings.chunk_ms is not None else _first_of_rises(reached, ends, rest)
        found += [
            Detection(label, float(scores[at, index]), int(ends[at]), int(ends[at]) / sample_rate_hz) for at in chosen
        ]
    return sorted(found, key=lambda one: one.end_sample)


def _first_of_rises(reached: np.ndarray, ends: np.ndarray, rest: int) -> list[int]:
    """Of each stretch above the threshold its first position at which the refractory time is over, if there is one."""
    edges = np.diff(np.concatenate([[False], reached, [False]]).astype(np.int8))
    chosen: list[int] = []
    ready = None
    for begin, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        at = int(begin) if ready is None else max(int(begin), int(np.searchsorted(ends, ready)))
        if at < stop:
            chosen.append(at)
            ready = int(ends[at]) + rest
    return chosen
