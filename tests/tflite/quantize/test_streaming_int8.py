"""An int8 network on whole windows of a stream: the streaming front end gives what the front end of whole clips gives.

Networks that keep a state between frames are in `tests/tflite/runtime/test_streaming.py`.
"""

import keras
import numpy as np
import pytest

from tfkws.config import FeatureConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import StreamingFrontEnd, extract
from tfkws.models import build_model
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

CLIPS, CLASSES, PIECE_SAMPLES = 24, 4, 320


@pytest.fixture(scope="module")
def clips() -> np.ndarray:
    """Gliding tones in noise, int16 (clips, 16000)."""
    rng, time = np.random.default_rng(6), np.arange(16_000) / 16_000
    hertz = rng.uniform(200, 4_000, (CLIPS, 1)) * (1 + rng.uniform(-0.5, 0.5, (CLIPS, 1)) * time)
    return (8_000 * np.sin(2 * np.pi * hertz * time) + rng.normal(0, 400, (CLIPS, 16_000))).astype(np.int16)


def streamed(clip: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """The map of one clip whose audio arrives in pieces of 20 ms, float32 (h, w)."""
    stream = StreamingFrontEnd(config)
    rows = [stream.feed(clip[start : start + PIECE_SAMPLES]) for start in range(0, len(clip), PIECE_SAMPLES)]
    frames = np.concatenate([*rows, stream.finish()])
    return frames if config.time_first else frames.T


def spread_answers(network: keras.Model, maps: np.ndarray) -> None:
    """Let each class win on some maps."""
    logits = network.get_layer("logits")
    values = np.asarray(keras.Model(network.input, logits.output)(maps, training=False))
    scale = 2 / values.std(axis=0)
    logits.kernel.assign(logits.kernel * scale)
    logits.bias.assign(-values.mean(axis=0) * scale)


@pytest.mark.parametrize("name", ["mfcc-40x32", "mfcc-49x10"])
def test_int8_decides_alike_on_streamed_and_on_whole_clips(name: str, clips: np.ndarray) -> None:
    config = FRONT_ENDS[name]
    whole = extract(clips, config)[..., None]
    pieces = np.stack([streamed(clip, config) for clip in clips])[..., None]
    keras.utils.set_random_seed(4)
    network = build_model("seed_cnn", config.input_shape, CLASSES, convs="3x3,6 3x3,6")
    spread_answers(network, whole)
    model = open_model(convert(network, RECIPES["int8"], whole), load_check=False)
    answers, streaming = model.predict(whole), model.predict(pieces)
    assert len(set(answers.argmax(axis=1))) > 1  # a network that always says the same would agree with itself
    np.testing.assert_array_equal(streaming.argmax(axis=1), answers.argmax(axis=1))
    np.testing.assert_allclose(streaming, answers, atol=2 / 256)
