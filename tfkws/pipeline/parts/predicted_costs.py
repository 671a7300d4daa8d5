"""What a fitted latency model says that a candidate of a search costs, before it is trained."""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from tfkws.config import PREDICTED
from tfkws.errors import PredictionError
from tfkws.models import build_model
from tfkws.models.conv_units import decode_units
from tfkws.pipeline.parts.device_costs import model_cost
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.latency_model.model import LatencyModel
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, file_shapes, seed_cnn_shapes
from tfkws.tflite.recipes import get_recipe
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Values, trial_key
from tfkws.tuner.strategies.candidates import uniform

TRIED_DRAWS = 200  # candidates that a latency model must know before a search begins
Shape = tuple[int, int, int]


def predicted_costs(
    model: LatencyModel, space: SearchSpace, input_shape: Shape, num_classes: int
) -> dict[str, KnownCost]:
    """Return the predicted cost of values; infinite outside of the model's range, where nothing must be tried.

    Raises:
        PredictionError: the range does not cover the space.
    """
    shapes_of = operator_shapes(space, input_shape, num_classes, model.circumstances.recipe)
    _check_range(model, space, shapes_of)

    @cache
    def predicted(key: Any) -> float:
        try:
            return model.predict(shapes_of(dict(key))).value
        except PredictionError:
            return math.inf

    return {f"{PREDICTED}{model_cost(model)}": lambda values: predicted(trial_key(values))}


def _check_range(
    model: LatencyModel, space: SearchSpace, shapes_of: Callable[[Values], tuple[OperatorShape, ...]]
) -> None:
    """Predict the smallest, the largest and many candidates in between."""
    rng = np.random.default_rng(0)
    corners = [{param.name: param.choices[i] for param in space.params} for i in (0, -1)]
    draws = [uniform(space, rng) for _ in range(min(TRIED_DRAWS, space.size))] if space.model == "seed_cnn" else []
    for values in (*corners, *draws):
        model.predict(shapes_of(values))


def operator_shapes(
    space: SearchSpace, input_shape: Shape, num_classes: int, recipe: str
) -> Callable[[Values], tuple[OperatorShape, ...]]:
    """Return a function from values to the operators of a candidate's file and their shapes.

    They follow by formula for the seed CNN, and by a conversion for others.

    Args:
        input_shape: (height, width, channels), without the batch.
    """
    if space.model == "seed_cnn":
        return lambda values: seed_cnn_shapes(
            decode_units(**space.model_variant(values)), input_shape, num_classes, recipe
        )
    return lambda values: _converted_shapes(space.model, space.model_variant(values), input_shape, num_classes, recipe)


def _converted_shapes(
    name: str, variant: dict[str, Any], input_shape: Shape, num_classes: int, recipe: str
) -> tuple[OperatorShape, ...]:
    import keras  # held back: takes seconds

    maps = np.zeros((1, *input_shape), np.float32)
    content = convert(build_model(name, input_shape, num_classes, **variant), get_recipe(recipe), maps)
    keras.utils.clear_session()
    return file_shapes(content)
