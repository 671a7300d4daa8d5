"""Compare converted files with their Keras model on the clips of a split."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.tflite.convert.parity import ParityReport, compare
from tfkws.tflite.runtime.model import TfliteModel, open_model
from tfkws.training.predict import CHUNK, predict_in_chunks

if TYPE_CHECKING:
    from tfkws.config import FeatureConfig
    from tfkws.data.clip_set import ClipSet


@dataclass(frozen=True)
class JudgedSplit:
    """A split with what the Keras model makes of it; one serves all files that are compared on it.

    Attributes:
        maps: float32 (n, h, w, 1), of the NumPy front end.
        reference: float32 (n, classes), the Keras model's probabilities.
    """

    clips: "ClipSet"
    maps: np.ndarray
    reference: np.ndarray

    def answers(self, content: bytes) -> np.ndarray:
        """Probabilities float32 (n, classes) of a file that this process made, which takes maps or audio."""
        model = open_model(content, load_check=False)
        return answer_audio(model, self.clips.audio) if model.takes_audio else model.predict(self.maps)

    def compare(self, answers: np.ndarray) -> ParityReport:
        """Hold answers against those of the Keras model."""
        return compare(self.reference, answers, self.clips.labels, np.asarray(self.clips.speakers))


def judged_split(model: Any, clips: "ClipSet", features: "FeatureConfig") -> JudgedSplit:
    """Compute the maps of all clips, and the Keras model's answers to them."""
    from tfkws.data.batches import feature_map

    maps = feature_map(clips, features)
    return JudgedSplit(clips, maps, predict_in_chunks(model, maps))


def answer_audio(model: TfliteModel, audio: Any) -> np.ndarray:
    """Probabilities float32 (n, classes) of a file with its front end inside, from int16 (n, samples), in chunks."""
    from tfkws.features.numpy_front_end import to_float

    chunks = (to_float(np.asarray(audio[first : first + CHUNK])) for first in range(0, len(audio), CHUNK))
    return np.concatenate([model.predict(chunk) for chunk in chunks])
