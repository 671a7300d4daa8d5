"""What a candidate of a search costs on a device, and where that comes from: a target, or a fitted latency model.

A measured cost is called "latency_us" or "instructions", a predicted one "predicted_latency_us" or
"predicted_instructions", so that the two are never taken for each other; a GPU's latency ends in "@gpu".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import GPU, ON_GPU, PREDICTED, BenchmarkSettings, Config, CountSettings
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.pipeline.benchmark import benchmark_models
from tfkws.pipeline.count import count_models
from tfkws.result_files import ResultName, conversion_stem
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.benchmark.summary import LatencySummary, summarise_latency
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.recipes import get_recipe
from tfkws.tflite.targets.address import ReplayAddress
from tfkws.tflite.targets.kinds import parse_address
from tfkws.tflite.targets.open import is_emulated

COST_OF_OBJECTIVE = {"latency": "latency_us", "instructions": "instructions", "latency@gpu": f"latency_us{ON_GPU}"}
LIMIT_OPTIONS = {
    "latency_us": "--max-latency",
    "latency_p95_us": "--max-p95-us",
    "instructions": "--max-instructions",
}
TIMED_RUNS = 100
GPU_SAMPLES = "latency-gpu.json"


@dataclass(frozen=True)
class DeviceCosts(Config):
    """Where device costs come from; kept whole in `config.json` of a search, so that it goes on by the same.

    Attributes:
        target: on which candidates are measured, "gpu" for the GPU that trains them; empty for none.
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
        target, python: as `tfkws.tflite.targets.open.open_target` takes them; or "gpu", where the Keras network
            itself is timed.
        recipe: of the conversion.
    """

    target: str
    python: str
    recipe: str

    def __call__(self, model: Any, folder: Path) -> Mapping[str, float]:
        """Return the latency in µs as `latency_of` does, or instructions; all files stay in `folder`."""
        if self.target == GPU:
            return gpu_latency_of(model, folder)
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
    """Time a file, keep `benchmark-*.json` beside it, and return median, its interval and 95th percentile in µs."""
    (result,) = benchmark_models([file], BenchmarkSettings(runs=TIMED_RUNS), target, python=python)
    return _in_us(result.latency)


def gpu_latency_of(model: Any, folder: Path) -> dict[str, float]:
    """Time the whole compiled network on the GPU, keep its samples, and return the same as `latency_of`.

    Raises:
        BenchmarkError: Keras' backend sees no GPU.
    """
    from tfkws.profiling.measure.time_whole import time_whole  # held back: imports Keras

    samples_ns = time_whole(model, GPU, TIMED_RUNS)
    write_json(folder / GPU_SAMPLES, {"unit": "ns", "samples": samples_ns})
    return {f"{name}{ON_GPU}": value for name, value in _in_us(summarise_latency([samples_ns])).items()}


def _in_us(summary: LatencySummary) -> dict[str, float]:
    low, high = summary.median_interval_us
    values = {"latency_us": summary.median_us, "latency_low_us": low, "latency_high_us": high}
    return values | {"latency_p95_us": summary.p95_us}


def instructions_of(file: Path, target: str) -> dict[str, float]:
    """Count the instructions of one inference of a file, and keep `instructions-*.json` beside it.

    Returns:
        "instructions" as a float.
    """
    (result,) = count_models([file], target, CountSettings(repeats=1, compared_outputs=0))
    return {"instructions": float(result.mix.all)}


def check_limits_told(limits: Iterable[str], device: DeviceCosts | None) -> None:
    """Refuse limits on what the source of device costs does not tell: an emulated core's clock means nothing.

    Args:
        limits: names of costs, as in `SearchConfig.limits`.

    Raises:
        ConfigError: one is on latency and the source tells instructions, or the other way round.
    """
    if device is None:
        return
    model = None if device.model is None else LatencyModel.from_dict(device.model)
    told = target_cost(device.target) if model is None else model_cost(model)
    names = [name.removeprefix(PREDICTED).removesuffix(ON_GPU) for name in limits]
    other = [LIMIT_OPTIONS[name] for name in names if name in LIMIT_OPTIONS and _is_time(name) != _is_time(told)]
    if other:
        source = f"--target {device.target}" if model is None else f"The latency model of {model.circumstances.target}"
        tells = "tells times and counts no instructions" if _is_time(told) else "counts instructions and tells no time"
        raise ConfigError(f"{source} {tells}: leave out {', '.join(other)}, or choose another source.")


def _is_time(cost: str) -> bool:
    return cost.startswith("latency")


def check_target(target: str, workers: int) -> None:
    """Refuse a target that other trials would disturb, or that cannot answer for new networks.

    Raises:
        ConfigError: it is one of these, or none at all, or a GPU where there is none.
    """
    if target == GPU:
        _require_gpu()
    elif isinstance(parse_address(target), ReplayAddress):
        raise ConfigError(f"A recording cannot answer for new networks; choose another target. Received {target!r}.")
    if workers > 1 and not counts_instructions(target):
        raise ConfigError(
            "Trials at a time would disturb each other's measurements: use --workers 1, or --latency-model. Received "
            f"--workers {workers}."
        )


def _require_gpu() -> None:
    from tfkws.profiling.measure.backend import on_device  # held back: imports Keras

    try:
        on_device(GPU)
    except BenchmarkError:
        raise ConfigError(
            "--target gpu needs a GPU that Keras' backend sees, and there is none here; predict its latency with "
            "--latency-model (docs/latency-models.md)."
        ) from None


def counts_instructions(target: str) -> bool:
    """Return whether a target counts instructions and tells no time.

    Raises:
        ConfigError, TargetError: there is no such target or recording.

    Example:
        >>> counts_instructions("qemu-aarch64"), counts_instructions("gpu")
        (True, False)
    """
    return target != GPU and is_emulated(target)


def read_device_costs(
    objectives: Sequence[str], target: str, latency_model: Path | None, recipe: str, *, limited: bool, python: str = ""
) -> tuple[tuple[str, ...], DeviceCosts | None]:
    """Turn options into names of the costs that are objectives, and where they come from.

    Args:
        objectives: "latency", "instructions", "latency@gpu".
        target: empty for none.
        latency_model: file that `tfkws target fit` wrote, or None.
        recipe: of the conversion for the target; a model has its own.
        limited: whether a limit is set on latency or instructions; a GPU's is told by its objective.
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
    costs = tuple(_cost_name(asked, model, target) for asked in objectives)
    if limited and not costs and (target == GPU or (model is not None and model.circumstances.target == GPU)):
        raise ConfigError("A limit on a GPU's latency needs it as an objective: add --objective latency@gpu.")
    return costs, device


def _cost_name(asked: str, model: LatencyModel | None, target: str) -> str:
    if asked not in COST_OF_OBJECTIVE:
        names = ", ".join(COST_OF_OBJECTIVE)
        raise ConfigError(f"--objective takes {names}, besides TOP-1 error and MACs. Received {asked!r}.")
    if model is not None:
        source, told = f"The latency model of {model.circumstances.target}", model_cost(model)
    else:
        source, told = f"The target {target}", target_cost(target)
    if told != COST_OF_OBJECTIVE[asked]:
        raise ConfigError(f"{source} tells {told}, which is no {asked}; choose another objective or another source.")
    return told if model is None else f"{PREDICTED}{told}"


def model_cost(model: LatencyModel) -> str:
    """Return the name of the cost that a model tells, without the word for predicted."""
    if model.circumstances.unit == "instructions":
        return "instructions"
    return f"latency_us{ON_GPU if model.circumstances.target == GPU else ''}"


def target_cost(target: str) -> str:
    """Return the name of the cost that a target tells."""
    if target == GPU:
        return f"latency_us{ON_GPU}"
    return "instructions" if is_emulated(target) else "latency_us"
