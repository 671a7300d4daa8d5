"""What a candidate of a search costs on a device, and where that comes from: a target, or a fitted latency model.

A measured cost is called "latency_us" or "instructions", a predicted one "predicted_latency_us" or
"predicted_instructions", so that the two are never taken for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import PREDICTED, BenchmarkSettings, Config, CountSettings
from tfkws.errors import ConfigError
from tfkws.pipeline.benchmark import benchmark_models
from tfkws.pipeline.count import count_models
from tfkws.result_files import ResultName, conversion_stem
from tfkws.run_folder import write_bytes
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.recipes import get_recipe
from tfkws.tflite.targets.address import ReplayAddress
from tfkws.tflite.targets.kinds import parse_address
from tfkws.tflite.targets.open import is_emulated

UNITS = {"latency": "us", "instructions": "instructions"}
COST_OF_UNIT = {"us": "latency_us", "instructions": "instructions"}
TIMED_RUNS = 100


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
    """Convert a candidate and measure it on a target.

    It is a `tfkws.tuner.evaluate.MeasureDevice` that can be pickled.

    Attributes:
        target, python: as `tfkws.tflite.targets.open.open_target` takes them.
        recipe: of the conversion.
    """

    target: str
    python: str
    recipe: str

    def __call__(self, model: Any, folder: Path) -> Mapping[str, float]:
        """Return the median latency with its 95 % interval in µs, or instructions; all files stay in `folder`."""
        file = folder / ResultName("model", conversion_stem(self.recipe)).file
        write_bytes(file, convert_untrained(model, self.recipe))
        if is_emulated(self.target):
            return instructions_of(file, self.target)
        return latency_of(file, self.target, self.python)


def convert_untrained(model: Any, recipe: str) -> bytes:
    """Convert a network to be measured and return the file's bytes.

    It is calibrated on noise, since ranges do not change times.

    Raises:
        TfkwsError: the recipe is unknown or the conversion fails.
    """
    maps = np.random.default_rng(0).normal(size=(8, *model.input_shape[1:])).astype(np.float32)
    return convert(model, get_recipe(recipe), maps).content


def latency_of(file: Path, target: str, python: str) -> dict[str, float]:
    """Time a file, keep `benchmark-*.json` beside it, and return the median with its 95 % interval in µs."""
    (result,) = benchmark_models([file], BenchmarkSettings(runs=TIMED_RUNS), target, python=python)
    low, high = result.latency.median_interval_us
    return {"latency_us": result.latency.median_us, "latency_low_us": low, "latency_high_us": high}


def instructions_of(file: Path, target: str) -> dict[str, float]:
    """Count the instructions of one inference of a file, and keep `instructions-*.json` beside it.

    Returns:
        "instructions" as a float.
    """
    (result,) = count_models([file], target, CountSettings(repeats=1, compared_outputs=0))
    return {"instructions": float(result.mix.all)}


def check_target(target: str, workers: int) -> None:
    """Refuse a target that other trials would disturb, or that cannot answer for new networks.

    Raises:
        ConfigError: it is one of these, or none at all.
    """
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
    """Turn options into names of the costs that are objectives, and where they come from.

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
    if not target and latency_model is None:
        if objectives or limited:
            raise ConfigError("Latency and instructions come from --target or --latency-model; give one of the two.")
        return (), None
    model = None if latency_model is None else load_latency_model(latency_model)
    device = DeviceCosts(target, python, get_recipe(recipe).name, None if model is None else model.to_dict())
    return tuple(_cost_name(asked, model, target) for asked in objectives), device


def _cost_name(asked: str, model: LatencyModel | None, target: str) -> str:
    if asked not in UNITS:
        raise ConfigError(f"--objective takes {' or '.join(UNITS)}, besides TOP-1 error and MACs. Received {asked!r}.")
    if model is not None:
        source, unit = f"The latency model of {model.circumstances.target}", model.circumstances.unit
    else:
        source, unit = target, "instructions" if is_emulated(target) else "us"
    if unit != UNITS[asked]:
        raise ConfigError(f"{source} tells {unit}, which is no {asked}; choose another objective or another source.")
    return f"{'' if model is None else PREDICTED}{COST_OF_UNIT[unit]}"
