"""A small network with a sub-spectral normalisation that stays an operator of its own."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import RECIPES

ROWS, FRAMES = 6, 5
End = Callable[[Any, Any], Any]  # from `keras.layers` and a map to the map at the end


def normalised(end: End, examples: np.ndarray, strided: bool = False, also_read: bool = False) -> TfliteFile:
    """A depthwise convolution, a sub-spectral normalisation that has seen the examples, and `end`; float32."""
    import keras

    from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
    from tfkws.models.sub_spectral_norm import SubSpectralNormalization

    keras.utils.set_random_seed(2)
    inputs = keras.Input((ROWS, FRAMES, 1))
    x = keras.layers.Conv2D(4, 1, kernel_initializer="ones", name="wide")(inputs)
    if strided:
        before = StridedRowsDepthwiseConv2D(name="frequency")(x)
    else:
        before = keras.layers.DepthwiseConv2D((3, 1), padding="same", use_bias=False, name="frequency")(x)
    x = SubSpectralNormalization(3, momentum=0.0, name="norm")(before)
    outputs = end(keras.layers, x)
    outputs = keras.layers.Concatenate()([outputs, before]) if also_read else outputs
    model = keras.Model(inputs, outputs, name="normalised")
    model(examples, training=True)  # one batch sets the statistics
    return convert(model, RECIPES["none"])
