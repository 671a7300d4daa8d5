"""From a float32 file to one with quantised values between operators, by a recipe with its remedies."""

from dataclasses import dataclass

import numpy as np

from tfkws.tflite.bias_correction import correct_bias
from tfkws.tflite.equalisation import equalise
from tfkws.tflite.ranges import measure_ranges
from tfkws.tflite.recipes import Recipe
from tfkws.tflite.static_quantizer import ACTIVATION_BITS, quantize


@dataclass(frozen=True)
class Quantized:
    """A quantised file, and the float32 network it stands for: equalised, where the recipe says so, else the original.

    Values between operators can be compared with those of `float_file` only.
    """

    content: bytes
    float_file: bytes


def quantize_file(float_file: bytes, recipe: Recipe, examples: np.ndarray) -> bytes:
    """Quantise a float32 file; see `quantize_network`."""
    return quantize_network(float_file, recipe, examples).content


def quantize_network(float_file: bytes, recipe: Recipe, examples: np.ndarray) -> Quantized:
    """Quantise by a recipe: equalise, measure ranges, correct biases, quantise.

    Args:
        float_file: the network in float32.
        examples: float32 (n, ...), calibration inputs.

    Raises:
        ConversionError: an operator has no quantised form, or the recipe keeps a layer that is not there.
        TfliteFileError: the file is damaged.
    """
    network = equalise(float_file, examples) if recipe.equalise else float_file
    ranges = measure_ranges(network, examples, recipe.ranges, ACTIVATION_BITS[recipe.activations])
    biased = correct_bias(network, ranges, recipe, examples) if recipe.correct_bias else network
    return Quantized(quantize(biased, ranges, recipe), network)
