"""Networks of the zoo whose answers differ from clip to clip, and their files, each made once a run.

Weights are drawn; normalisations take the statistics of one batch, so that signals neither die out nor blow up.
"""

import warnings
from functools import cache
from typing import Any

import numpy as np
from made_once import made_once

from tfkws.tflite.file.tflite_file import TfliteFile

SHAPE, CLASSES = (40, 32, 1), 12


def clips(count: int = 6, seed: int = 1) -> np.ndarray:
    """Noise in the place of feature maps, of another colour in each clip, float32 (count, 40, 32, 1)."""
    rng = np.random.default_rng(seed)
    colours = 2 * rng.normal(size=(count, SHAPE[0], 1, 1))
    return (colours + rng.normal(size=(count, *SHAPE))).astype(np.float32)


@cache
def lively_network(name: str) -> Any:
    """Build a network of the registry."""
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(1)
    model = build_model(name, SHAPE, CLASSES)
    normalisations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in normalisations]
    for layer in normalisations:
        layer.momentum = 0.0
    model(clips(16, seed=2), training=True)
    for layer, momentum in zip(normalisations, momenta, strict=True):
        layer.momentum = momentum
    dense = next(layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.Dense))
    logits = np.log(np.asarray(model(clips(16, seed=2))))
    dense.kernel.assign(dense.kernel * float(2 / (logits - logits.mean(axis=0)).std()))
    return model


@cache
def lively_file(name: str, recipe: str) -> TfliteFile:
    """Convert it by a recipe of tfkws: none or int8."""
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    def make() -> bytes:
        return convert(lively_network(name), RECIPES[recipe], clips(16, seed=2)).content

    return TfliteFile(made_once(f"lively-{name}-{recipe}.tflite", make))


@cache
def file_made_elsewhere(name: str, recipe: str) -> TfliteFile:
    """Convert it as TensorFlow's guides do, which leaves the batch open: none or int8."""
    return TfliteFile(made_once(f"elsewhere-{name}-{recipe}.tflite", lambda: _made_elsewhere(name, recipe)))


def _made_elsewhere(name: str, recipe: str) -> bytes:
    import tensorflow as tf

    from tfkws.tflite.runtime.native_output import capture_native_output

    converter = tf.lite.TFLiteConverter.from_keras_model(lively_network(name))
    if recipe == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([each[None]] for each in clips(16, seed=2))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with capture_native_output(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds fault with its own defaults
        return bytes(converter.convert())
