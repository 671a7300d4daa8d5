"""A network whose channels differ a hundredfold, which int8 serves badly without remedies."""

import numpy as np

from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import layer_errors
from tfkws.tflite.quantize.quantize_network import Quantized
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model


def uneven(activation: str | None) -> TfliteFile:
    """Stem, depthwise and pointwise convolution whose channels differ a hundredfold, as training may leave them."""
    import keras

    keras.utils.set_random_seed(5)
    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Conv2D(16, 3, padding="same", activation=activation, name="stem_conv")(inputs)
    x = keras.layers.DepthwiseConv2D(3, padding="same", activation=activation, name="middle_depthwise")(x)
    x = keras.layers.Conv2D(8, 1, activation="relu", name="tail_conv")(x)
    x = keras.layers.Dense(3, name="logits")(keras.layers.GlobalAveragePooling2D(name="head_pool")(x))
    model = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(x), name="uneven")
    loudness = np.geomspace(0.02, 2, 16).astype(np.float32)
    for name, factors in (("stem_conv", loudness), ("middle_depthwise", loudness[::-1, None] ** 0.5)):
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([kernel * factors, bias])
    kernel, bias = model.get_layer("tail_conv").get_weights()
    model.get_layer("tail_conv").set_weights([kernel / (loudness * loudness[::-1] ** 0.5)[None, None, :, None], bias])
    return convert(model, RECIPES["none"])


def answers(content: TfliteFile, maps: np.ndarray) -> np.ndarray:
    """Return the probabilities of a file on maps."""
    return open_model(content, load_check=False).predict(maps)


def quality(made: Quantized, maps: np.ndarray) -> float:
    """Signal to noise of the logits; the softmax behind them is alike for all classes here, whatever they are."""
    return next(row.snr_db for row in layer_errors(made.float_file, made.file, maps) if row.name == "logits")
