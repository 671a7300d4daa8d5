"""Equalisation, bias correction and layers in float32, on a network that needs them."""

import numpy as np
import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.tflite_file import tflite_file
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.bias_correction import constant, correct_bias, corrected_pairs, mean_output, mean_patches
from tfkws.tflite.quantize.equalisation import equalise, neighbours
from tfkws.tflite.quantize.layer_errors import layer_errors
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES, with_remedies
from tfkws.tflite.runtime.model import open_model

MINMAX = with_remedies("int8", ranges="minmax", correct_bias=False)


def uneven(activation):
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


@pytest.fixture(scope="module")
def network():
    return uneven("relu")


def answers(content, maps):
    return open_model(content, load_check=False).predict(maps)


def quality(made, maps):
    """Signal to noise of the logits; the softmax behind them is alike for all classes here, whatever they are."""
    return next(row.snr_db for row in layer_errors(made.float_file, made.file, maps) if row.name == "logits")


def test_neighbours_are_the_convolutions_with_one_reader(network):
    graph = tflite_file(network).graph
    assert [(a.opcode, b.opcode) for a, b in neighbours(graph)] == [
        ("CONV_2D", "DEPTHWISE_CONV_2D"), ("DEPTHWISE_CONV_2D", "CONV_2D"),
    ]  # fmt: skip


@pytest.mark.parametrize("activation", ["relu", "relu6", None])
def test_equalised_network_answers_as_before(activation, maps):
    network = uneven(activation)
    equalised = equalise(network, maps)
    assert equalised != network
    np.testing.assert_allclose(answers(equalised, maps), answers(network, maps), atol=1e-5)


def test_equalisation_makes_channels_alike_and_int8_better(network, maps):
    recipes = [with_remedies("int8", ranges="minmax", equalise=on) for on in (False, True)]
    before, after = (quantize_network(network, recipe, maps) for recipe in recipes)
    assert quality(after, maps) > 6 + quality(before, maps)
    spreads = []
    for made in (before, after):
        model = open_model(made.float_file, kernels="builtin", load_check=False, keep_tensors=True)
        model.set_stored_input(maps[:1])
        model.invoke()
        largest = np.abs(model.tensor(model.graph.ops[0].outputs[0])).max(axis=(0, 1, 2))
        spreads.append(largest.max() / largest.min())
    assert spreads[1] < spreads[0] / 3


@pytest.mark.parametrize(
    ("strides", "padding", "dilation"), [(1, "same", 1), (2, "same", 1), (2, "valid", 1), (1, "same", 2)]
)
@pytest.mark.parametrize("kind", ["Conv2D", "DepthwiseConv2D"])
def test_mean_output_is_that_of_the_convolution(kind, strides, padding, dilation, maps):
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


def test_bias_correction_takes_the_mean_error_of_weights_off(network, maps):
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


def test_shared_biases_are_corrected_apart(maps):
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


def test_a_layer_in_float_is_in_float_and_the_rest_is_not(network, maps):
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


def test_every_layer_in_float_leaves_the_error_of_the_input_only(network, maps):
    layers = ("stem_conv", "middle_depthwise", "tail_conv", "head_pool", "logits")
    all_float = quantize_network(network, with_remedies("int8", keep_float=layers), maps)
    rows = layer_errors(all_float.float_file, all_float.file, maps)[:-1]  # the softmax is quantised
    assert max(row.loss_db for row in rows) < 0
    assert quality(all_float, maps) > 15 + quality(quantize_network(network, RECIPES["int8"], maps), maps)


def test_a_layer_that_is_not_there_is_named_with_those_that_are(network, maps):
    with pytest.raises(
        ConversionError, match="No layer is called middle; this network has stem_conv, middle_depthwise"
    ):
        quantize_network(network, with_remedies("int8", keep_float=("middle",)), maps)


def test_an_operator_without_int8_form_is_named(maps):
    import keras

    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Conv2D(2, 3, name="first_conv")(inputs)
    x = keras.layers.Activation(keras.ops.cos, name="wave")(x)
    model = keras.Model(inputs, keras.layers.Flatten()(x), name="odd")
    with pytest.raises(ConversionError, match=r"Recipe int8 has no int8 form of .*\(COS\); leave it in float32"):
        convert(model, RECIPES["int8"], maps)


@pytest.mark.parametrize("recipe", [
    with_remedies("int8", ranges="percentile"),
    with_remedies("int8", equalise=True, correct_bias=True),
    with_remedies("int16x8", ranges="mse", correct_bias=True, keep_float=("tail_conv",)),
], ids=lambda recipe: recipe.label)  # fmt: skip
def test_remedies_repeat_to_the_byte_and_run_everywhere(recipe, network, maps):
    made = quantize_network(network, recipe, maps)
    assert quantize_network(network, recipe, maps).file == made.file
    assert all(answer.accepted for answer in compare_runtimes(made.file, maps[:2]))
    assert quality(made, maps) > 20
