"""A small network on a stream, as .tflite files: convolutions with padding and a stride, a shortcut, an average."""

from functools import cache

import keras
import numpy as np

from tfkws.config import DetectorConfig, FeatureConfig, ModelConfig, TaskConfig
from tfkws.streaming.network import StreamingNetwork, streaming_network
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES

ROWS, FRAMES, LABELS = 8, 20, ("ja", "nein", "_unknown_")
FEATURES = FeatureConfig(
    name="tiny", kind="log_mel", window_samples=64, hop_samples=32, fft_length=64, bands=ROWS, rows=ROWS,
    frames=FRAMES, centred=False, clip_samples=64 + 32 * (FRAMES - 1),
)  # fmt: skip


def frames(count: int, seed: int = 0) -> np.ndarray:
    """Frames that wander as those of sound do, float32 (count, ROWS)."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count + 40, ROWS))
    slow = np.stack([np.convolve(noise[:, row], np.ones(12) / 4, "same") for row in range(ROWS)], axis=1)
    return np.clip(slow[20 : 20 + count] + 0.3 * noise[20 : 20 + count], -3, 3).astype(np.float32)


@cache
def window_model() -> keras.Model:
    """A network whose classes differ on `frames`, stride 2 along time."""
    keras.utils.set_random_seed(7)
    inputs = keras.Input((ROWS, FRAMES, 1))
    x = keras.layers.Conv2D(6, 3, (1, 2), padding="same", activation="relu", name="first")(inputs)
    branch = keras.layers.DepthwiseConv2D((3, 5), padding="same", name="branch")(x)
    x = keras.layers.ReLU(name="sum_relu")(keras.layers.Add(name="sum")([x, branch]))
    x = keras.layers.GlobalAveragePooling2D(name="head_pool")(x)
    logits = keras.layers.Dense(len(LABELS), name="logits")
    model = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(logits(x)), name="tiny_stream")
    windows = np.stack([frames(FRAMES, seed).T[..., None] for seed in range(40)])
    values = np.asarray(keras.Model(inputs, logits.output)(windows))
    scale = 1 / values.std(axis=0)
    logits.kernel.assign(logits.kernel * scale)
    logits.bias.assign(-values.mean(axis=0) * scale)
    return model


@cache
def network() -> StreamingNetwork:
    """The network on a stream."""
    return streaming_network(window_model(), 1)


def steps(count: int, seed: int = 0) -> np.ndarray:
    """Inputs of so many steps of one stream, float32 (count, ROWS, 2, 1)."""
    return frames(2 * count, seed).reshape(count, 2, ROWS).transpose(0, 2, 1)[..., None]


def metadata() -> FileMetadata:
    """What a file of the network says about itself."""
    return FileMetadata(
        LABELS, "features", FEATURES, TaskConfig("commands", LABELS[:2]), ModelConfig("tiny_stream", {}),
        DetectorConfig(), RECIPES["int8"], True, streaming=stream_config(network()),
    )  # fmt: skip


@cache
def streaming_file(recipe: str) -> TfliteFile:
    """The network on a stream by a recipe, with metadata."""
    float_file = convert_stream(network(), RECIPES[recipe])
    quantized = RECIPES[recipe].needs_calibration
    file = quantize_network(float_file, RECIPES[recipe], steps(400, 5)).file if quantized else float_file
    return file.with_metadata(metadata())
