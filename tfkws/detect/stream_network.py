"""A network that keeps a state, asked about the frames of a signal as they come."""

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.tflite.runtime.streaming import StreamingModel


class StreamNetwork:
    """Answers a signal step by step, each answer for the window that ended a fixed delay ago.

    Nothing is answered before a whole window was heard. Audio that is skipped leaves a hole in what the network
    remembers, so it begins anew behind it.

    Args:
        model: of this signal alone; it is begun anew.
        first: position of the first sample that will be fed.
    """

    def __init__(self, model: StreamingModel, features: FeatureConfig, first: int = 0) -> None:
        self._model, self._features = model, features
        self._begin_at(first)

    def _begin_at(self, first: int) -> None:
        self._model.reset()
        self._front_end = StreamingFrontEnd(self._features)
        self._first, self._seen, self._steps = first, 0, 0

    def feed(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take more audio, float32 (n,).

        Returns:
            Where the answered windows end, int64 (k,), exclusive, and the probabilities float32 (k, classes).
        """
        self._seen += len(audio)
        answers = self._model.feed(self._front_end.feed(audio))
        begins = np.array([self._model.window_begin(self._steps + index) for index in range(len(answers))], np.int64)
        self._steps += len(answers)
        whole = begins >= 0
        ends = self._first + begins * self._features.hop_samples + self._features.clip_samples
        return ends[whole], answers[whole]

    def skip(self, audio: np.ndarray) -> int:
        """Take more audio without asking the network; return how many steps go unanswered."""
        step = self._model.frames_per_step * self._features.hop_samples
        position = self._first + self._seen + len(audio)
        lost = (self._seen + len(audio)) // step - self._seen // step
        self._begin_at(position)
        return lost
