"""A split as one recording, and what a streaming file hears in it beside the window's network that slides over it.

Clips follow each other in a drawn order, between them half a second of noise as loud as the quietest part of the clip
before. Both networks answer the whole recording. For each clip the answer counts in which a word is most likely, among
the smoothed ones of windows that hold most of the clip: what a detector that listens would go by.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tfkws.config import NO_WORDS, DetectorConfig, FeatureConfig, StreamConfig
from tfkws.data.draws import keyed_generator, ranked
from tfkws.features.numpy_front_end import StreamingFrontEnd, extract, to_float
from tfkws.tflite.convert.parity_gate import ParityReport, parity_report
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.streaming import StreamingModel
from tfkws.training.detection import measured_settings
from tfkws.training.paired_comparison import compare

if TYPE_CHECKING:
    from tfkws.data.clip_set import ClipSet

MOST_CLIPS = 1_500  # of a split; more move the interval little, and networks slide for minutes
GAP_S = 0.5
NEAR_S = 0.3  # windows that begin so much before or after a clip hold most of it
ANSWER_MS = 60.0  # at least, from one answer that is compared to the next
NOTHING = -1  # in place of a word's number
BATCH = 256  # windows that are answered at once


@dataclass(frozen=True)
class Recording:
    """Clips one after the other.

    Attributes:
        audio: float32 (samples,).
        begins: int (n,), the first sample of each clip.
        order: int (n,), the number of each clip in its split.
    """

    audio: np.ndarray
    begins: np.ndarray
    order: np.ndarray


def record_clips(clips: "ClipSet", sample_rate_hz: int, most: int = MOST_CLIPS) -> Recording:
    """Lay clips one after the other, in the order of the hashes of their names; no more than `most`.

    Between two clips lies noise as loud as the quietest part of the clip before it.

    Returns:
        float32 audio of shape (samples,), the first sample of each clip, and the clips' numbers in order.
    """
    order = ranked(clips.files, "recording/")[:most]
    gap, parts, begins, position = round(GAP_S * sample_rate_hz), [], [], 0
    for index in order:
        audio = to_float(np.asarray(clips.audio[index]))
        noise = keyed_generator("gap", clips.files[index]).normal(0, 1, gap).astype(np.float32)
        parts += [audio, noise * _quietest(audio)]
        begins.append(position)
        position += len(audio) + gap
    return Recording(np.concatenate(parts), np.array(begins), np.array(order))


def _quietest(audio: np.ndarray) -> np.float32:
    """The least root mean square of the 20 parts of a clip."""
    parts = np.array_split(audio, 20)
    return np.float32(min(float(np.sqrt(np.mean(part**2))) for part in parts))


@dataclass(frozen=True)
class StreamDifferences:
    """A streaming file beside the window's network that slides over the same recording.

    Pairs are (window, stream).

    Attributes:
        recording_s: length in seconds.
        compared_answers: how many answers were compared, each with that of the same window.
        mean_difference, largest_difference: of a probability (0..1), the largest over the classes.
        thresholds: from which on each detects a word, 0..1.
        words: clips of words.
        words_heard, others_heard: of those, how many set off their word; how many clips set off a wrong one.
        difference: of the shares of clips that are detected rightly, stream minus window, with a paired 95 %
            interval over speakers.
    """

    clips: int
    recording_s: float
    compared_answers: int
    mean_difference: float
    largest_difference: float
    thresholds: tuple[float, float]
    words: int
    words_heard: tuple[int, int]
    others_heard: tuple[int, int]
    difference: float
    difference_interval: tuple[float, float]

    def passes(self, gate_points: float) -> bool:
        """Return whether the loss is within the gate or within noise, as `ParityReport.passes` does.

        Args:
            gate_points: allowed loss in points, which are hundredths of `difference`.
        """
        return not (-100 * self.difference > gate_points and self.difference_interval[1] < 0)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class RecordedSplit:
    """A split as a recording, with the sliding window's answers.

    Attributes:
        clips: of the split, in the recording's order.
        window: feature maps float32 (n, h, w, 1) to probabilities (n, classes), the Keras network on windows.
    """

    clips: "ClipSet"
    recording: Recording
    features: FeatureConfig
    labels: tuple[str, ...]
    config: StreamConfig
    window: Callable[[np.ndarray], np.ndarray]

    @cached_property
    def frames(self) -> np.ndarray:
        """The front end's frames, float32 (n, rows)."""
        front_end = StreamingFrontEnd(self.features)
        return np.concatenate([front_end.feed(self.recording.audio), front_end.finish()])

    @cached_property
    def steps(self) -> np.ndarray:
        """The steps whose answers are compared, int (answers,).

        They are those whose windows lie in the recording.
        """
        count = len(self.frames) // self.config.frames_per_step
        step_ms = 1e3 * self.config.frames_per_step * self.features.hop_samples / self.features.sample_rate_hz
        steps = np.arange(0, count, max(1, round(ANSWER_MS / step_ms)))
        begins = self._first_frames(steps)
        ends = begins * self.features.hop_samples + self.features.clip_samples
        return steps[(begins >= 0) & (ends <= len(self.recording.audio))]

    @cached_property
    def begins(self) -> np.ndarray:
        """First sample of the window of each compared answer, int (answers,)."""
        return self._first_frames(self.steps) * self.features.hop_samples

    @cached_property
    def sliding(self) -> np.ndarray:
        """The sliding window's answers, float32 (steps, classes)."""
        chunks = [self.begins[first : first + BATCH] for first in range(0, len(self.begins), BATCH)]
        return np.concatenate([self.window(self._maps(chunk)) for chunk in chunks])

    @cached_property
    def reference(self) -> np.ndarray:
        """What the sliding window says to each clip, float32 (clips, classes)."""
        return self._of_clips(self.sliding)

    def stream(self, file: TfliteFile) -> np.ndarray:
        """Answers of a streaming file to the compared steps, float32 (steps, classes)."""
        model = StreamingModel(open_model(file, load_check=False), self.features, self.config)
        return model.feed(self.frames)[self.steps]

    def answers(self, file: TfliteFile) -> np.ndarray:
        """What a streaming file says to each clip, float32 (clips, classes)."""
        return self._of_clips(self.stream(file))

    def compare(self, answers: np.ndarray) -> ParityReport:
        """Compare a streaming file's answers to the clips with those of the sliding window.

        Args:
            answers: float (clips, classes), probabilities.
        """
        return parity_report(self.reference, answers, self.clips.labels, np.asarray(self.clips.speakers))

    def thresholds(self, answers: np.ndarray) -> tuple[float, float]:
        """Return thresholds, 0..1, that suit the sliding window's answers and a streaming file's."""
        window, stream = (measured_settings(self.clips.labels, each).threshold for each in (self.reference, answers))
        return window, stream

    def differences(self, file: TfliteFile, answers: np.ndarray, thresholds: tuple[float, float]) -> StreamDifferences:
        """Return how far a streaming file is from the sliding window, in its answers and in what it detects.

        Args:
            answers: float (clips, classes), the file's probabilities for each clip.
            thresholds: of the sliding window and of the file, 0..1, found on the gate's split.
        """
        error = np.abs(self.stream(file) - self.sliding).max(axis=1)
        window, stream = (
            detected(each, threshold, self.labels)
            for each, threshold in zip((self.reference, answers), thresholds, strict=True)
        )
        wanted = np.where(np.isin(self.clips.labels, _words(self.labels)), self.clips.labels, NOTHING)
        paired = compare(window == wanted, stream == wanted, np.asarray(self.clips.speakers))
        return StreamDifferences(
            clips=len(wanted),
            recording_s=len(self.recording.audio) / self.features.sample_rate_hz,
            compared_answers=len(self.steps),
            mean_difference=float(error.mean()),
            largest_difference=float(error.max()),
            thresholds=thresholds,
            words=int(np.count_nonzero(wanted != NOTHING)),
            words_heard=(_hits(window, wanted), _hits(stream, wanted)),
            others_heard=(_false(window, wanted), _false(stream, wanted)),
            difference=paired.difference,
            difference_interval=paired.difference_interval,
        )

    def _first_frames(self, steps: np.ndarray) -> np.ndarray:
        config = self.config
        return (steps + 1) * config.frames_per_step - config.delay_frames - self.features.frames

    def _maps(self, begins: np.ndarray) -> np.ndarray:
        """Feature maps of the windows that begin at these samples, as the front end makes them of clips."""
        if self.features.centred:  # pads every clip, so that no two windows share their first and last frames
            windows = sliding_window_view(self.recording.audio, self.features.clip_samples)[begins]
            return extract(windows, self.features)[..., None]
        cut = sliding_window_view(self.frames, self.features.frames, axis=0)[begins // self.features.hop_samples]
        return (cut.transpose(0, 2, 1) if self.features.time_first else cut)[..., None]

    def _of_clips(self, answers: np.ndarray) -> np.ndarray:
        """Of each clip the smoothed answer that is surest of a word."""
        smoothed = self._smoothed(answers)
        words = _words(self.labels)
        near = round(NEAR_S * self.features.sample_rate_hz)
        chosen = []
        for begin in self.recording.begins:
            first, last = np.searchsorted(self.begins, (begin - near, begin + near + 1))
            if first == last:  # the first clip of a short recording, or the last
                first, last = min(first, len(smoothed) - 1), min(first, len(smoothed) - 1) + 1
            candidates = smoothed[first:last]
            chosen.append(candidates[candidates[:, words].max(axis=1).argmax()])
        return np.stack(chosen)

    def _smoothed(self, answers: np.ndarray) -> np.ndarray:
        """Averages over the detector's smoothing time, of each answer and those before it."""
        if len(answers) < 2:
            return answers
        spacing = self.begins[1] - self.begins[0]
        count = max(1, round(DetectorConfig.window_ms * self.features.sample_rate_hz / 1e3 / spacing))
        sums = np.cumsum(np.concatenate([np.zeros((1, answers.shape[1])), answers.astype(np.float64)]), axis=0)
        lasts = np.arange(1, len(answers) + 1)
        firsts = np.maximum(0, lasts - count)
        return ((sums[lasts] - sums[firsts]) / (lasts - firsts)[:, None]).astype(np.float32)


def _words(labels: Sequence[str]) -> list[int]:
    """Numbers of the labels that are words; all where none is."""
    return [index for index, label in enumerate(labels) if label not in NO_WORDS] or list(range(len(labels)))


def detected(answers: np.ndarray, threshold: float, labels: Sequence[str]) -> np.ndarray:
    """Return the number of the word that each clip sets off, `NOTHING` where none reaches the threshold.

    Args:
        answers: float32 (clips, classes).

    Example:
        >>> detected(np.array([[0.9, 0.1], [0.3, 0.7]]), 0.5, ("_other_", "happy")).tolist()
        [-1, 1]
    """
    words = np.array(_words(labels))
    best = words[answers[:, words].argmax(axis=1)]
    return np.where(answers[np.arange(len(answers)), best] >= threshold, best, NOTHING)


def _hits(heard: np.ndarray, wanted: np.ndarray) -> int:
    return int(np.count_nonzero((heard == wanted) & (wanted != NOTHING)))


def _false(heard: np.ndarray, wanted: np.ndarray) -> int:
    return int(np.count_nonzero((heard != wanted) & (heard != NOTHING)))
