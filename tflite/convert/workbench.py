"""One conversion of a model by one recipe, judged on the validation split; several attempts share what they need."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.tflite.convert.calibration import CalibrationDraw, draw_calibration
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.parity import ParityReport
from tfkws.tflite.convert.split_parity import JudgedSplit, judged_split
from tfkws.tflite.quantize.layer_errors import EXAMPLES, LayerError, layer_errors
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES, Recipe

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder

JUDGED_ON = "validation"


@dataclass(frozen=True)
class Attempt:
    """A converted network and what it is worth.

    Attributes:
        content: the file, which takes feature maps.
        answers: float32 (n, classes) on the validation split.
        errors: of every operator against the float32 network; empty for recipes without quantised activations.
    """

    recipe: Recipe
    content: bytes
    answers: np.ndarray
    report: ParityReport
    errors: tuple[LayerError, ...]


class Workbench:
    """A trained model with its clips: calibration inputs, float32 file, answers of Keras, each computed once.

    Args:
        calibration_count, seed: training clips on which ranges are measured, and the key of their draw.
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
        self._splits: dict[str, JudgedSplit] = {}

    @cached_property
    def draw(self) -> CalibrationDraw:
        """The calibration clips, from the training split."""
        self.on_stage(f"Measuring ranges on {self._calibration_count} training clips")
        clips, features = self.data.splits["training"], self.folder.config.features
        return draw_calibration(clips, features, self._calibration_count, self._seed)

    @cached_property
    def float_file(self) -> bytes:
        """The network in float32."""
        return convert(self.model, RECIPES["none"])

    @cached_property
    def examples(self) -> CalibrationDraw:
        """Validation clips on which operators and runtimes are compared."""
        return draw_calibration(self.data.splits[JUDGED_ON], self.folder.config.features, EXAMPLES)

    def split(self, name: str) -> JudgedSplit:
        """A split with the Keras model's answers."""
        if name not in self._splits:
            self._splits[name] = judged_split(self.model, self.data.splits[name], self.folder.config.features)
        return self._splits[name]

    def attempt(self, recipe: Recipe) -> Attempt:
        """Convert and judge.

        Raises:
            ConversionError: the converter refuses the model.
        """
        content, errors = self.convert(recipe)
        self.on_stage(f"Comparing with the Keras model on the {JUDGED_ON} split")
        answers = self.split(JUDGED_ON).answers(content)
        return Attempt(recipe, content, answers, self.split(JUDGED_ON).compare(answers), errors)

    def convert(self, recipe: Recipe) -> tuple[bytes, tuple[LayerError, ...]]:
        """Return the file, and for quantised values between operators the error of every operator.

        Raises:
            ConversionError: the converter refuses the model.
        """
        self.on_stage(f"Converting with recipe {recipe.label}")
        if not recipe.needs_calibration:
            return self.float_file if recipe == RECIPES["none"] else convert(self.model, recipe), ()
        made = quantize_network(self.float_file, recipe, self.draw.features)
        return made.content, layer_errors(made.float_file, made.content, self.examples.features)
