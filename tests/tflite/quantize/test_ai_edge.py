"""Layers kept in float32, and sentences about what has no quantised form."""

import numpy as np
import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize.layer_errors import layer_errors
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES, with_remedies


def test_a_layer_in_float_is_in_float_and_the_rest_is_not(network: TfliteFile, maps: np.ndarray) -> None:
    recipe = with_remedies("int8", keep_float=("middle_depthwise",))
    content = quantize_network(network, recipe, maps).file
    contents, graph = tflite_file(content).contents, tflite_file(content).graph
    assert contents.scheme == "int8, 1 of 4 layers float32"
    assert contents.operators["DEQUANTIZE"] == contents.operators["QUANTIZE"] == 1
    kept = next(op for op in graph.ops if op.opcode == "DEPTHWISE_CONV_2D")
    assert {graph.tensors[i].dtype for i in (*kept.inputs, *kept.outputs)} == {"float32"}
    assert (contents.input_dtype, contents.output_dtype) == ("int8", "int8")
    assert all(answer.accepted for answer in compare_runtimes(content, maps[:4]))
    row = next(row for row in layer_errors(network, content, maps) if row.name == "middle_depthwise")
    assert row.loss_db < 1


def test_a_layer_that_is_not_there_is_named_with_those_that_are(network: TfliteFile, maps: np.ndarray) -> None:
    with pytest.raises(
        ConversionError, match="No layer is called middle; this network has stem_conv, middle_depthwise"
    ):
        quantize_network(network, with_remedies("int8", keep_float=("middle",)), maps)


def test_an_operator_without_int8_form_is_named(maps: np.ndarray) -> None:
    import keras

    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Conv2D(2, 3, name="first_conv")(inputs)
    x = keras.layers.Activation(keras.ops.cos, name="wave")(x)
    model = keras.Model(inputs, keras.layers.Flatten()(x), name="odd")
    with pytest.raises(ConversionError, match=r"Recipe int8 has no int8 form of .*\(COS\); leave it in float32"):
        convert(model, RECIPES["int8"], maps)
