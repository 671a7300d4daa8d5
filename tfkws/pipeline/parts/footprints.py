"""What a candidate's int8 file takes of storage and memory: measured from the file, whose weights do not matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import (
    ARENA_KIB,
    FILE_KIB,
    MICRO_ARENA_KIB,
    ConversionSettings,
    DetectorConfig,
    FeatureConfig,
    ModelConfig,
    RunConfig,
)
from tfkws.cost.report import Footprint
from tfkws.cost.tflite import count_arena
from tfkws.pipeline.parts.device_costs import convert_untrained
from tfkws.tflite.convert.stream_to_tflite import convert_stream
from tfkws.tflite.convert.stream_workbench import network_of_step
from tfkws.tflite.file.metadata import FileMetadata, to_json
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.arena import arena_of, as_on_micro
from tfkws.tflite.micro.interpreter import check_installed
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import get_recipe
from tfkws.tuner.evaluate import MeasureDevice
from tfkws.tuner.problem.space import SearchSpace

RECIPE = "int8"
ENTRY_BYTES = 512  # of metadata: how a file names them, and digits that are not known before training


def measure_footprint(model: Any) -> Footprint:
    """Convert a Keras model to int8 and measure the file as a trained one's.

    Weights that are all alike, as fresh biases are, are made different in place: a file stores equal ones once.

    Raises:
        TfkwsError: the conversion fails.
    """
    file = untrained_file(model)
    return Footprint(len(file.content), count_arena(file.graph))


def measure_on_micro(model: Any) -> Footprint:
    """Convert a Keras model to int8 and run it in TensorFlow Lite Micro, which tells the arena.

    Its weights that are all alike are made different in place.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run it; the message names the layer.
        RuntimeUnavailableError: the package tflite-micro is not installed.
        TfkwsError: the conversion fails.
    """
    check_installed()
    file = as_on_micro(untrained_file(model))
    arena = arena_of(file)
    return Footprint(len(file.content), arena.arena_bytes, arena.arena_bytes - arena.maps_bytes)


def untrained_file(model: Any) -> TfliteFile:
    """Convert a Keras model to int8; its weights that are all alike are made different in place.

    Raises:
        TfkwsError: the conversion fails.
    """
    _make_different(model)
    return TfliteFile(convert_untrained(model, RECIPE), model.name)


def untrained_stream(model: Any, features: FeatureConfig) -> TfliteFile:
    """Convert a Keras model to int8 as `untrained_file` does, on a stream, in the steps that are usual there.

    Raises:
        StreamingError: it cannot run on a stream; the message names the layer.
        TfkwsError: the conversion fails.
    """
    _make_different(model)
    network = network_of_step(model, features, ConversionSettings().step_ms)
    steps = np.random.default_rng(0).normal(size=(8, *network.plan.input_shape)).astype(np.float32)
    return quantize_network(
        convert_stream(network, get_recipe("none")), get_recipe(RECIPE), steps, input_range=features.value_range
    ).file


def _make_different(model: Any) -> None:
    rng = np.random.default_rng(0)
    weights = [value + rng.uniform(0.01, 0.1, value.shape) * (np.ptp(value) == 0) for value in model.get_weights()]
    model.set_weights(weights)


def metadata_allowance(run: RunConfig, space: SearchSpace) -> int:
    """Return bytes (int) that labels, front end and settings take in the file that `tfkws convert` writes."""
    largest = {param.name: param.choices[-1] for param in space.params}
    metadata = FileMetadata(
        labels=run.labels,
        input="features",
        features=run.features,
        task=run.task,
        model=ModelConfig(space.model, space.model_variant(largest)),
        detector=DetectorConfig(),
        conversion=get_recipe(RECIPE),
        synthetic_speech=run.synthetic_speech,
    )
    return len(to_json(metadata)) + ENTRY_BYTES


@dataclass(frozen=True)
class FootprintOf:
    """Measure a candidate's int8 file, and what else there is to measure.

    It is a `tfkws.tuner.evaluate.MeasureDevice` that can be pickled.

    Attributes:
        added_bytes: int, what is put into the file afterwards.
        further: measures on a target; None for nothing.
        micro: whether it is run in TensorFlow Lite Micro, too.
    """

    added_bytes: int
    further: MeasureDevice | None = None
    micro: bool = False

    def __call__(self, model: Any, folder: Path) -> Mapping[str, float]:
        """Return "file_kib", "arena_kib" and what a target measured; the model's weights are changed.

        Where it runs in TensorFlow Lite Micro also "arena_kib@micro".
        """
        found = dict(self.further(model, folder)) if self.further else {}
        taken = measure_footprint(model).with_added(self.added_bytes)
        if self.micro:
            found[MICRO_ARENA_KIB] = round(measure_on_micro(model).arena_kib, 2)
        return found | {FILE_KIB: round(taken.file_kib, 2), ARENA_KIB: round(taken.arena_kib, 2)}
