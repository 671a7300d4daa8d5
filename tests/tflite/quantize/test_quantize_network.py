"""Recipes with remedies: what stays in float32 costs nothing, and equal recipes give equal bytes."""

import numpy as np
import pytest
from uneven_network import quality

from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import layer_errors
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES, ConversionRecipe, with_remedies


def test_every_layer_in_float_leaves_the_error_of_the_input_only(network: TfliteFile, maps: np.ndarray) -> None:
    layers = ("stem_conv", "middle_depthwise", "tail_conv", "head_pool", "logits")
    all_float = quantize_network(network, with_remedies("int8", keep_float=layers), maps)
    rows = layer_errors(all_float.float_file, all_float.file, maps)[:-1]  # the softmax is quantised
    assert max(row.loss_db for row in rows) < 0
    assert quality(all_float, maps) > 15 + quality(quantize_network(network, RECIPES["int8"], maps), maps)


@pytest.mark.parametrize("recipe", [
    with_remedies("int8", ranges="percentile"),
    with_remedies("int8", equalise=True, correct_bias=True),
    with_remedies("int16x8", ranges="mse", correct_bias=True, keep_float=("tail_conv",)),
], ids=lambda recipe: recipe.label)  # fmt: skip
def test_remedies_repeat_to_the_byte_and_run_everywhere(
    recipe: ConversionRecipe, network: TfliteFile, maps: np.ndarray
) -> None:
    made = quantize_network(network, recipe, maps)
    assert quantize_network(network, recipe, maps).file == made.file
    assert all(answer.accepted for answer in compare_runtimes(made.file, maps[:2]))
    assert quality(made, maps) > 20
