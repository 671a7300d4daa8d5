"""Conversions of one trained model by several recipes, each compared with the Keras model; what they share is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.config import StreamConfig
from tfkws.data.clip_set import ClipSet
from tfkws.tflite.convert.calibration import CalibrationDraw, draw_calibration
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.parity_gate import GATE_SPLIT, ParityReport, parity_report
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import EXAMPLES, LayerError, layer_errors
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES, ConversionRecipe
from tfkws.tflite.runtime.model import TfliteModel, open_model
from tfkws.training.model_folder import CHUNK, predict_in_chunks

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder


@dataclass(frozen=True)
class ReferenceSplit:
    """A split with the Keras model's answers, with which all converted files are compared.

    Attributes:
        maps: float32 (n, h, w, 1), of the NumPy front end.
        reference: float32 (n, classes), the Keras model's probabilities.
    """

    clips: ClipSet
    maps: np.ndarray
    reference: np.ndarray

    def answers(self, file: TfliteFile) -> np.ndarray:
        """Return the probabilities, float32 (n, classes), of a file that this process made."""
        model = open_model(file, load_check=False)
        return answer_audio(model, self.clips.audio) if model.takes_audio else model.predict(self.maps)

    def compare(self, answers: np.ndarray) -> ParityReport:
        """Compare answers, float (clips, classes), with those of the Keras model."""
        return parity_report(self.reference, answers, self.clips.labels, np.asarray(self.clips.speakers))


@dataclass(frozen=True)
class ConvertedCandidate:
    """A converted network with its comparison to the Keras model.

    Attributes:
        file: takes feature maps.
        answers: float32 (n, classes) on the validation split.
        report: of these answers.
        errors: of every operator against the float32 network; empty for recipes without quantised
            activations.
    """

    recipe: ConversionRecipe
    file: TfliteFile
    answers: np.ndarray
    report: ParityReport
    errors: tuple[LayerError, ...]


class Workbench:
    """A trained model with its clips: calibration inputs, float32 file, answers of Keras, each computed once.

    Args:
        calibration_count: training clips on which ranges are measured.
        seed: of their draw.
        on_stage: called with a line of text at each stage.
    """

    def __init__(
        self,
        folder: "ModelFolder",
        data: "TaskData",
        calibration_count: int,
        seed: int,
        on_stage: Callable[[str], None],
    ) -> None:
        self.folder, self.data, self.on_stage = folder, data, on_stage
        self.model: Any = folder.load_keras()
        self._calibration_count, self._seed = calibration_count, seed
        self._splits: dict[str, Any] = {}

    @cached_property
    def draw(self) -> CalibrationDraw:
        """The calibration clips, from the training split."""
        self.on_stage(f"Measuring ranges on {self._calibration_count} training clips")
        clips, features = self.data.splits["training"], self.folder.config.features
        return draw_calibration(clips, features, self._calibration_count, self._seed)

    @property
    def streaming(self) -> StreamConfig | None:
        """How its files take a stream; None, as they keep no state."""
        return None

    def inputs_of(self, draw: CalibrationDraw) -> np.ndarray:
        """What drawn clips are to a file, float32 (n, h, w, 1)."""
        return draw.features

    @property
    def inputs_a_clip(self) -> int:
        """Number of inputs of a file that make a clip: one."""
        return 1

    @cached_property
    def float_file(self) -> TfliteFile:
        """The network in float32."""
        return convert(self.model, RECIPES["none"])

    @cached_property
    def examples(self) -> CalibrationDraw:
        """Validation clips on which operators and runtimes are compared."""
        return draw_calibration(self.data.splits[GATE_SPLIT], self.folder.config.features, EXAMPLES)

    def split(self, name: str) -> Any:
        """Return a split with the Keras model's answers."""
        if name not in self._splits:
            from tfkws.data.batches import feature_map

            clips = self.data.splits[name]
            maps = feature_map(clips, self.folder.config.features)
            self._splits[name] = ReferenceSplit(clips, maps, predict_in_chunks(self.model, maps))
        return self._splits[name]

    def candidate(self, recipe: ConversionRecipe) -> ConvertedCandidate:
        """Convert by a recipe and compare with the Keras model on the validation split.

        Raises:
            ConversionError: the converter refuses the model.
        """
        file, errors = self.convert(recipe)
        self.on_stage(f"Comparing with the Keras model on the {GATE_SPLIT} split")
        answers = self.split(GATE_SPLIT).answers(file)
        return ConvertedCandidate(recipe, file, answers, self.split(GATE_SPLIT).compare(answers), errors)

    def convert(self, recipe: ConversionRecipe) -> tuple[TfliteFile, tuple[LayerError, ...]]:
        """Convert by a recipe.

        Returns:
            The file, and for quantised values between operators the error of every operator.

        Raises:
            ConversionError: the converter refuses the model.
        """
        self.on_stage(f"Converting with recipe {recipe.label}")
        if not recipe.needs_calibration:
            return self.float_file if recipe == RECIPES["none"] else self.plain(recipe), ()
        each = self.inputs_a_clip
        fixed = self.folder.config.features.value_range
        made = quantize_network(self.float_file, recipe, self.inputs_of(self.draw), each, fixed)
        errors = layer_errors(made.float_file, made.file, self.inputs_of(self.examples), EXAMPLES * each)
        return made.file, errors

    def plain(self, recipe: ConversionRecipe) -> TfliteFile:
        """Convert by a recipe without quantised values between operators.

        Raises:
            ConversionError: the converter refuses the network.
        """
        return convert(self.model, recipe)


def answer_audio(model: TfliteModel, audio: Any) -> np.ndarray:
    """Return the probabilities float32 (n, classes) of a file with its front end inside, in chunks.

    Args:
        audio: int16 (n, samples).
    """
    from tfkws.features.numpy_front_end import to_float

    chunks = (to_float(np.asarray(audio[first : first + CHUNK])) for first in range(0, len(audio), CHUNK))
    return np.concatenate([model.predict(chunk) for chunk in chunks])
