"""What a candidate costs on a device: measured on a target, or predicted by a fitted model. The search is handed both.

A measured cost is called "latency_us" or "instructions", a predicted one "predicted_latency_us" or
"predicted_instructions", so that the two are never taken for each other.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.config import PREDICTED, Config
from tfkws.errors import ConfigError, PredictionError
from tfkws.run_folder import write_bytes, write_json
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Values, trial_key
from tfkws.tuner.strategies.candidates import uniform

if TYPE_CHECKING:
    from tfkws.tflite.latency_model.model import LatencyModel
    from tfkws.tflite.latency_model.operator_shapes import OperatorShape

UNITS = {"latency": "us", "instructions": "instructions"}
COST_OF_UNIT = {"us": "latency_us", "instructions": "instructions"}
TRIED_DRAWS = 200  # candidates that a latency model must know before a search begins
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class DeviceCosts(Config):
    """Where device costs come from; kept whole in `config.json` of a search, so that it goes on by the same.

    Attributes:
        target: on which candidates are measured; empty for none.
        python: of an ssh or adb target, if it is not python3.
        recipe: of their conversion.
        model: `LatencyModel.to_dict()` of the model that predicts them; empty for none.
    """

    target: str = ""
    python: str = ""
    recipe: str = "none"
    model: dict[str, Any] | None = None

    def _check(self) -> None:
        if bool(self.target) == (self.model is not None):
            raise ConfigError(
                "A device cost is measured on --target or predicted by --latency-model: give one of the two."
            )


@dataclass(frozen=True)
class MeasureOnTarget:
    """Convert a candidate and measure it on a target: a `tfkws.tuner.evaluate.MeasureDevice`, picklable."""

    target: str
    python: str
    recipe: str

    def __call__(self, model: Any, folder: Path) -> Mapping[str, float]:
        """Return the median latency with its 95 % interval in µs, or instructions; all files stay in `folder`."""
        from tfkws.tflite.convert.keras_to_tflite import convert
        from tfkws.tflite.recipes import get_recipe
        from tfkws.tflite.targets.open import is_emulated

        file = folder / f"{self.recipe}.tflite"
        # Noise will do to calibrate on: how long a network takes does not depend on its ranges.
        maps = np.random.default_rng(0).normal(size=(8, *model.input_shape[1:])).astype(np.float32)
        write_bytes(file, convert(model, get_recipe(self.recipe), maps))
        return self._count(file) if is_emulated(self.target) else self._time(file)

    def _time(self, file: Path) -> Mapping[str, float]:
        from tfkws.tflite.benchmark.latency import BenchmarkSettings, benchmark, result_name
        from tfkws.tflite.targets.timing_target import open_timing_target

        settings = BenchmarkSettings(runs=100)
        with open_timing_target(self.target, settings.runtime, [file], self.python) as timing_target:
            result = benchmark(file, settings, target=timing_target)
        write_json(file.parent / result_name(file, settings, self.target), result.to_dict())
        low, high = result.latency.median_interval_us
        return {"latency_us": result.latency.median_us, "latency_low_us": low, "latency_high_us": high}

    def _count(self, file: Path) -> Mapping[str, float]:
        from tfkws.tflite.benchmark.instructions import count_instructions, result_name
        from tfkws.tflite.targets.open import open_target

        with open_target(self.target) as session:
            result = count_instructions(file, session, repeats=1, examples=0)
        write_json(file.parent / result_name(file, result.kernels, self.target, False), result.to_dict())
        return {"instructions": float(result.mix.all)}


def check_target(target: str, workers: int) -> None:
    """Refuse a target that other trials would disturb, or that cannot answer for new networks.

    Raises:
        ConfigError: it is one of these, or none at all.
    """
    from tfkws.tflite.targets.address import ReplayAddress
    from tfkws.tflite.targets.kinds import parse_address
    from tfkws.tflite.targets.open import is_emulated

    if isinstance(parse_address(target), ReplayAddress):
        raise ConfigError(f"A recording cannot answer for new networks; choose another target. Received {target!r}.")
    if workers > 1 and not is_emulated(target):
        raise ConfigError(
            "Trials at a time would disturb each other's measurements: use --workers 1, or --latency-model. Received "
            f"--workers {workers}."
        )


def read_device_costs(
    objectives: Sequence[str], target: str, latency_model: Path | None, recipe: str, *, limited: bool, python: str = ""
) -> tuple[tuple[str, ...], DeviceCosts | None]:
    """Turn options into (names of the costs that are objectives, where they come from).

    Args:
        objectives: "latency", "instructions".
        target: empty for none.
        latency_model: file that `tfkws target fit` wrote, or None.
        recipe: of the conversion for the target; a model has its own.
        limited: whether a limit is set on latency or instructions.
        python: of an ssh or adb target.

    Raises:
        ConfigError: what is wanted comes from nowhere, or from two sources, or in another unit.
    """
    from tfkws.tflite.latency_model.model import load_latency_model
    from tfkws.tflite.recipes import get_recipe

    if not target and latency_model is None:
        if objectives or limited:
            raise ConfigError("Latency and instructions come from --target or --latency-model; give one of the two.")
        return (), None
    model = None if latency_model is None else load_latency_model(latency_model)
    device = DeviceCosts(target, python, get_recipe(recipe).name, None if model is None else model.to_dict())
    return tuple(_cost_name(asked, model, target) for asked in objectives), device


def _cost_name(asked: str, model: "LatencyModel | None", target: str) -> str:
    from tfkws.tflite.targets.open import is_emulated

    if asked not in UNITS:
        raise ConfigError(f"--objective takes {' or '.join(UNITS)}, besides TOP-1 error and MACs. Received {asked!r}.")
    if model is not None:
        source, unit = f"The latency model of {model.circumstances.target}", model.circumstances.unit
    else:
        source, unit = target, "instructions" if is_emulated(target) else "us"
    if unit != UNITS[asked]:
        raise ConfigError(f"{source} tells {unit}, which is no {asked}; choose another objective or another source.")
    return f"{'' if model is None else PREDICTED}{COST_OF_UNIT[unit]}"


def predicted_costs(
    model: "LatencyModel", space: SearchSpace, input_shape: Shape, num_classes: int
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

    name = f"{PREDICTED}{COST_OF_UNIT[model.circumstances.unit]}"
    return {name: lambda values: predicted(trial_key(values))}


def _check_range(
    model: "LatencyModel", space: SearchSpace, shapes_of: Callable[[Values], "tuple[OperatorShape, ...]"]
) -> None:
    """Predict the smallest, the largest and many candidates in between."""
    rng = np.random.default_rng(0)
    corners = [{param.name: param.choices[i] for param in space.params} for i in (0, -1)]
    draws = [uniform(space, rng) for _ in range(min(TRIED_DRAWS, space.size))] if space.model == "seed_cnn" else []
    for values in (*corners, *draws):
        model.predict(shapes_of(values))


def operator_shapes(
    space: SearchSpace, input_shape: Shape, num_classes: int, recipe: str
) -> Callable[[Values], "tuple[OperatorShape, ...]"]:
    """Return what tells the operators of a candidate: by formula for the seed CNN; others are converted, once each."""
    from tfkws.models.conv_units import decode_units
    from tfkws.tflite.latency_model.operator_shapes import seed_cnn_shapes

    if space.model == "seed_cnn":
        return lambda values: seed_cnn_shapes(
            decode_units(**space.model_variant(values)), input_shape, num_classes, recipe
        )
    return lambda values: _converted_shapes(space.model, space.model_variant(values), input_shape, num_classes, recipe)


def _converted_shapes(
    name: str, variant: dict[str, Any], input_shape: Shape, num_classes: int, recipe: str
) -> "tuple[OperatorShape, ...]":
    import keras

    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.latency_model.operator_shapes import file_shapes
    from tfkws.tflite.recipes import get_recipe

    maps = np.zeros((1, *input_shape), np.float32)
    content = convert(build_model(name, input_shape, num_classes, **variant), get_recipe(recipe), maps)
    keras.utils.clear_session()
    return file_shapes(content)
