"""From a float32 file to one with quantised values between operators, by a recipe with its remedies."""

from dataclasses import dataclass

import numpy as np

from tfkws.tflite.quantize.ai_edge import ACTIVATION_BITS, quantize
from tfkws.tflite.quantize.bias_correction import correct_bias
from tfkws.tflite.quantize.equalisation import equalise
from tfkws.tflite.quantize.partial_folding import fold_partly
from tfkws.tflite.quantize.pooling_to_mean import averages_as_means
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import Recipe


@dataclass(frozen=True)
class Quantized:
    """A quantised file, and the float32 network that it stands for: the original, written in the form that was rounded.

    Values between operators can be compared with those of `float_file` only.
    """

    content: bytes
    float_file: bytes


def quantize_file(float_file: bytes, recipe: Recipe, examples: np.ndarray) -> bytes:
    """Quantise a float32 file; see `quantize_network`."""
    return quantize_network(float_file, recipe, examples).content


def quantize_network(float_file: bytes, recipe: Recipe, examples: np.ndarray) -> Quantized:
    """Quantise by a recipe: fold, equalise, measure ranges, correct biases, quantise.

    Args:
        float_file: the network in float32.
        examples: float32 (n, ...), calibration inputs.

    Raises:
        ConversionError: an operator has no quantised form, or the recipe keeps a layer that is not there.
        TfliteFileError: the file is damaged.
    """
    network = fold_partly(averages_as_means(float_file))
    network = equalise(network, examples) if recipe.equalise else network
    ranges = measure_ranges(network, examples, recipe.ranges, ACTIVATION_BITS[recipe.activations])
    biased = correct_bias(network, ranges, recipe, examples) if recipe.correct_bias else network
    return Quantized(quantize(biased, ranges, recipe), network)
