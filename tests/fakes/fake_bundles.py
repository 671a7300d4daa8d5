"""A bundle that needs no training: it hears "loud" where a second holds a loud tone, and `_other_` elsewhere."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.bundle.archive import Bundle, read_bundle, write_bundle

FEATURES = FRONT_ENDS["mfcc-49x10"]
LABELS = ("_other_", "loud")


@cache
def loudness_bundle() -> Bundle:
    """Return the bundle, made once a process."""
    with tempfile.TemporaryDirectory() as folder:
        return read_bundle(write_loudness_bundle(Path(folder) / "loudness.kws"))


def write_loudness_bundle(path: Path, settings: DetectorConfig = DetectorConfig()) -> Path:
    """Write the bundle; return its path."""
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    write_bundle(path, convert(_network(), RECIPES["none"]), FEATURES, LABELS, settings, {"synthetic_speech": True})
    return path


def _network() -> Any:
    """Return a network that compares the mean of the first cepstrum with that of a second that is half a tone."""
    import keras

    half_a_tone = 0.5 * np.sin(np.arange(FEATURES.clip_samples) / 3) * (np.arange(FEATURES.clip_samples) > 8_000)
    bound = float(extract(half_a_tone, FEATURES)[:, 0].mean())
    inputs = keras.Input(FEATURES.input_shape)
    scores = keras.layers.Conv2D(2, FEATURES.input_shape[:2], name="loudness")(inputs)
    network = keras.Model(inputs, keras.layers.Softmax()(keras.layers.Flatten()(scores)), name="loudness")
    kernel = np.zeros((*FEATURES.input_shape, 2), np.float32)
    kernel[:, 0, 0, 1] = 1 / FEATURES.frames
    network.get_layer("loudness").set_weights([kernel, np.array([bound, 0], np.float32)])
    return network
