"""From a float32 file to one with quantised values between operators, by a recipe with its remedies."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from tfkws.tflite.file.tflite_file import TfliteFile, Transformation, transformed
from tfkws.tflite.quantize.ai_edge import ACTIVATION_BITS, quantize
from tfkws.tflite.quantize.bias_correction import EXAMPLES, correct_bias
from tfkws.tflite.quantize.equalisation import equalise
from tfkws.tflite.quantize.partial_folding import fold_partly
from tfkws.tflite.quantize.pooling_to_mean import pooling_to_mean
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.quantize.state_ranges import check_states, with_input_range, with_state_ranges
from tfkws.tflite.recipes import ConversionRecipe

# What is rewritten before ranges are measured, whatever the recipe.
BEFORE_RANGES: tuple[Transformation, ...] = (pooling_to_mean, fold_partly)


@dataclass(frozen=True)
class Quantized:
    """A quantised file, and the float32 network that it stands for: the original, written in the form that was rounded.

    Values between operators can be compared with those of `float_file` only.
    """

    file: TfliteFile
    float_file: TfliteFile


def quantize_network(
    float_file: TfliteFile,
    recipe: ConversionRecipe,
    examples: np.ndarray,
    examples_a_clip: int = 1,
    input_range: tuple[float, float] | None = None,
) -> Quantized:
    """Quantise by a recipe: rewrite, equalise, measure ranges, correct biases, quantise.

    Args:
        float_file: the network in float32.
        examples: float32 (n, ...), calibration inputs; steps of one stream for a network that keeps a state.
        examples_a_clip: how many of them make one clip.
        input_range: of the first input, where its front end fixes it; None to measure it.

    Raises:
        ConversionError: an operator has no quantised form, or the recipe keeps a layer that is not there.
        TfliteFileError: the file is damaged.
    """
    equalised = (partial(equalise, examples=examples),) if recipe.equalise else ()
    network = transformed(float_file, (*BEFORE_RANGES, *equalised))
    measured = measure_ranges(network, examples, recipe.ranges, ACTIVATION_BITS[recipe.activations])
    ranges = with_input_range(network.graph, with_state_ranges(network.graph, measured), input_range)
    count = EXAMPLES * examples_a_clip
    correct = partial(correct_bias, ranges=ranges, recipe=recipe, examples=examples, count=count)
    corrected = (correct,) if recipe.correct_bias else ()
    quantized = quantize(transformed(network, corrected), ranges, recipe)
    check_states(quantized.graph)
    return Quantized(quantized, network)
