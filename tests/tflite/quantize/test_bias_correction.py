"""Corrected biases: mean outputs against the convolution itself, and what is left of the mean error."""

import numpy as np
import pytest

from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.bias_correction import constant, correct_bias, corrected_pairs, mean_output, mean_patches
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES, with_remedies

MINMAX = with_remedies("int8", ranges="minmax", correct_bias=False)


@pytest.mark.parametrize(
    ("strides", "padding", "dilation"), [(1, "same", 1), (2, "same", 1), (2, "valid", 1), (1, "same", 2)]
)
@pytest.mark.parametrize("kind", ["Conv2D", "DepthwiseConv2D"])
def test_mean_output_is_that_of_the_convolution(
    kind: str, strides: int, padding: str, dilation: int, maps: np.ndarray
) -> None:
    """Held against the convolution itself, computed by Keras."""
    import keras

    keras.utils.set_random_seed(6)
    settings = {"padding": padding, "strides": strides, "dilation_rate": dilation, "bias_initializer": "normal"}
    arguments = (5, (3, 2)) if kind == "Conv2D" else ((3, 2),)
    inputs = keras.Input((8, 6, 4))
    model = keras.Model(inputs, getattr(keras.layers, kind)(*arguments, **settings)(inputs), name="one")
    examples = np.random.default_rng(1).normal(size=(6, 8, 6, 4)).astype(np.float32)
    content = convert(model, RECIPES["none"])
    graph = tflite_file(content).graph
    op = next(op for op in graph.ops if op.opcode in ("CONV_2D", "DEPTHWISE_CONV_2D"))
    found = mean_output(content, op, mean_patches(content, [op], examples)[op.index])
    np.testing.assert_allclose(found, np.asarray(model(examples)).mean(axis=(0, 1, 2)), atol=1e-5)


def test_bias_correction_takes_the_mean_error_of_weights_off(network: TfliteFile, maps: np.ndarray) -> None:
    """On the same inputs, every layer's mean output is that of the float32 weights again."""
    ranges = measure_ranges(network, maps, "minmax")
    graph, worst = tflite_file(network).graph, {}
    for name, file in (("plain", network), ("corrected", correct_bias(network, ranges, MINMAX, maps))):
        content = quantize(file, ranges, MINMAX)
        pairs = corrected_pairs(graph, content.graph)
        seen = mean_patches(content, [second for _, second in pairs], maps[:64])
        worst[name] = max(
            np.abs(
                mean_output(content, second, seen[second.index]) - mean_output(network, first, seen[second.index])
            ).max()
            for first, second in pairs
        )
    assert worst["corrected"] < worst["plain"] / 5


def test_shared_biases_are_corrected_apart(maps: np.ndarray) -> None:
    """Layers without bias share one constant of zeros; each gets a correction of its own."""
    import keras

    keras.utils.set_random_seed(7)
    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Conv2D(4, 3, use_bias=False, activation="relu", name="a_conv")(inputs)
    x = keras.layers.Conv2D(4, 3, use_bias=False, activation="relu", name="b_conv")(x)
    network = convert(keras.Model(inputs, keras.layers.Flatten()(x), name="two"), RECIPES["none"])
    graph = tflite_file(network).graph
    convolutions = [op for op in graph.ops if op.opcode == "CONV_2D"]
    assert convolutions[0].inputs[2] == convolutions[1].inputs[2]
    corrected = correct_bias(network, measure_ranges(network, maps, "minmax"), MINMAX, maps)
    after = tflite_file(corrected).graph
    biases = [constant(corrected, after.ops[op.index].inputs[2]) for op in convolutions]
    assert np.abs(biases[0] - biases[1]).max() > 0
