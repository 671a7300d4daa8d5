"""A bundle with microWakeWord's front end and a small network that keeps a state; what it hears is of no sense."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import DetectorConfig, ModelConfig, TaskConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.models import build_model
from tfkws.tflite.bundle.archive import Bundle, read_bundle, write_bundle
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.convert.stream_workbench import network_of_step
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES

FEATURES = FRONT_ENDS["micro-40x98"]
LABELS = ("_other_", "hey you")
SMALL = {"block_kernels": (3, 5), "channels": 8, "stem_channels": 6}


def syllables(seconds: float, seed: int = 0) -> np.ndarray:
    """Bursts of tones in noise, louder and softer: int16 (samples,)."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(16_000 * seconds)) / 16_000
    pitch = np.repeat(rng.uniform(150, 3_000, len(time) // 2_400 + 1), 2_400)[: len(time)]
    loud = np.repeat(rng.choice([0, 400, 6_000], len(time) // 2_400 + 1), 2_400)[: len(time)]
    return (loud * np.sin(2 * np.pi * np.cumsum(pitch) / 16_000) + rng.normal(0, 60, len(time))).astype(np.int16)


@cache
def micro_bundle(name: str = "mixednet", step_ms: float = 20.0) -> Bundle:
    """Return the bundle of a network of the zoo, small where it is a MixedNet; made once a process.

    Its answers spread over 0..1 on `syllables`, around its threshold.
    """
    model = _lively(name, SMALL if name == "mixednet" else {})
    network = network_of_step(model, FEATURES, step_ms)
    steps = _steps(syllables(20.0, 5), network.plan.frames_per_step)
    float_file = convert_stream(network, RECIPES["none"])
    file = quantize_network(float_file, RECIPES["int8"], steps, 33, FEATURES.value_range).file
    detector = DetectorConfig(window_ms=150.0, threshold=0.6, refractory_ms=0)
    told = FileMetadata(
        LABELS, "features", FEATURES, TaskConfig("wake-word", LABELS[1:]), ModelConfig(name, {}), detector,
        RECIPES["int8"], True, streaming=stream_config(network),
    )  # fmt: skip
    return bundled(file.with_metadata(told), detector)


def bundled(file: TfliteFile, detector: DetectorConfig, **other: Any) -> Bundle:
    """Return a file as a bundle that was written and read; `other` replaces labels or features."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "micro.kws"
        write_bundle(path, file, FEATURES, LABELS, detector, {"synthetic_speech": True})
        return replace(read_bundle(path), **other)


def _lively(name: str, values: dict[str, Any]) -> Any:
    """A network whose two logits are as far apart as those of a trained one."""
    import keras

    keras.utils.set_random_seed(3)
    model = build_model(name, FEATURES.input_shape, 2, **values)
    frames = StreamingFrontEnd(FEATURES).feed(syllables(20.0, 5))
    windows = np.stack([frames[first : first + 98].T for first in range(0, len(frames) - 98, 20)])[..., None]
    logits = model.get_layer("logits")
    apart = np.asarray(keras.Model(model.input, logits.output)(windows))
    scale = 2.5 / apart.std(axis=0)
    logits.kernel.assign(logits.kernel * scale)
    logits.bias.assign(-apart.mean(axis=0) * scale)
    return model


def _steps(audio: np.ndarray, frames_per_step: int) -> np.ndarray:
    frames = StreamingFrontEnd(FEATURES).feed(audio)
    count = len(frames) // frames_per_step
    maps = frames[: count * frames_per_step].reshape(count, frames_per_step, FEATURES.rows)
    return np.ascontiguousarray(maps.transpose(0, 2, 1))[..., None]
