"""Strided 1 x 1 convolutions: the same sum and weights as Keras' own, in files, clones and conversions too."""

from pathlib import Path
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest
import tensorflow as tf  # noqa: TID253

from tfkws.compression.quantization_aware.twin import quantization_aware
from tfkws.models import build_model
from tfkws.models.layer_sizes import with_sizes
from tfkws.models.registry import entries
from tfkws.models.saving import load_model, save_model
from tfkws.models.strided_pointwise import as_one_operator, is_strided_pointwise, skipping_first_everywhere
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES

NARROW = {"width": 0.25}


def strided(network: Any) -> list[str]:
    """Operators of the traced network, while training, whose kernel is 1 x 1 and whose stride is not."""
    traced = tf.function(lambda maps: network(maps, training=True), autograph=False)
    graph = traced.get_concrete_function(tf.TensorSpec((2, *network.input_shape[1:]))).graph
    convolutions = [operator for operator in graph.get_operations() if operator.type == "Conv2D"]
    pointwise = [operator for operator in convolutions if operator.inputs[1].shape[:2] == (1, 1)]
    return [operator.name for operator in pointwise if max(operator.get_attr("strides")) > 1]


@pytest.mark.parametrize("size", [(5, 1), (6, 7)])
@pytest.mark.parametrize("strides", [(2, 2), (1, 3), (2, 1)])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_answers_and_gradients_are_those_of_the_formula(
    size: tuple[int, int], strides: tuple[int, int], padding: str, rng: np.random.Generator
) -> None:
    inputs = keras.Input((*size, 3), dtype="float64")
    layer = keras.layers.Conv2D(4, 1, strides, padding, dtype="float64")
    network = skipping_first_everywhere(keras.Model(inputs, layer(inputs)))
    maps = rng.normal(size=(2, *size, 3))
    with tf.GradientTape() as tape:
        x = tf.constant(maps)
        tape.watch(x)
        answers = network(x)
        loss = tf.reduce_sum(answers**2) / 2
    kernel_gradient, map_gradient = tape.gradient(loss, [layer.kernel, x])
    kernel, seen = np.asarray(layer.kernel)[0, 0], maps[:, :: strides[0], :: strides[1]]
    expected = seen @ kernel
    np.testing.assert_allclose(answers, expected, atol=1e-12)
    np.testing.assert_allclose(kernel_gradient[0, 0], np.einsum("bhwi,bhwo->io", seen, expected), atol=1e-12)
    behind = np.zeros_like(maps)
    behind[:, :: strides[0], :: strides[1]] = expected @ kernel.T
    np.testing.assert_allclose(map_gradient, behind, atol=1e-12)


def test_a_layer_of_another_kind_stays_as_it_is() -> None:
    layers = keras.layers
    others = (layers.Conv2D(2, 1), layers.Conv2D(2, 3, 2), layers.Conv2D(2, (1, 3), 2), layers.DepthwiseConv2D(1, 2))
    assert not any(is_strided_pointwise(layer) for layer in others)
    assert is_strided_pointwise(layers.Conv2D(2, 1, 2)) and is_strided_pointwise(layers.Conv2D(2, (1, 1), (1, 2)))


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("tc_resnet8", NARROW),
        ("tc_resnet8", {"widths": {"stem_conv": 8}}),
        ("tc_resnet8", {"kernels": {"stage1_block1_conv1": (1, 1)}}),
        ("seed_cnn", {"convs": "1x1,5 3x3,6", "strides": "1x2"}),
        ("seed_cnn", {"convs": "3x3,4 1x1,5", "strides": "1x2 2x2"}),
        ("mlperf_ds_cnn", {"kernels": {"stem_conv": (1, 1)}}),
    ],
)
def test_no_network_trains_by_a_strided_pointwise_operator(name: str, variant: dict[str, Any]) -> None:
    network = build_model(name, entries()[name].family.input_shape, 4, **variant)
    assert any(map(is_strided_pointwise, network.layers)) and strided(network) == []
    assert strided(keras.models.clone_model(network)) != []  # the test sees them


def test_no_registered_convolution_is_left_out() -> None:
    """Every convolution of the zoo comes from `blocks.conv`; narrowed networks and those from files follow."""
    network = with_sizes(build_model("tc_resnet14", (40, 98, 1), 4), {"stem_conv": 5})
    assert strided(network) == [] and strided(quantization_aware(network)) == []


def test_a_saved_model_is_plain_keras_and_comes_back_the_same(tmp_path: Path, rng: np.random.Generator) -> None:
    network = build_model("tc_resnet8", (40, 98, 1), 4, **NARROW)
    save_model(network, tmp_path / "model.keras")
    foreign = keras.saving.load_model(tmp_path / "model.keras")
    ours, maps = load_model(tmp_path / "model.keras"), rng.normal(size=(3, 40, 98, 1)).astype(np.float32)
    assert {type(layer).__module__.partition(".")[0] for layer in foreign.layers} == {"keras"}
    assert strided(ours) == [] and strided(foreign) != []
    for one in (foreign, ours):
        np.testing.assert_allclose(one(maps, training=False), network(maps, training=False), rtol=1e-6)
        assert [layer.get_config() for layer in one.layers] == [layer.get_config() for layer in network.layers]


@pytest.mark.parametrize("recipe", ["none", "dynamic"])
def test_a_conversion_has_the_strided_operator_that_it_always_had(recipe: str) -> None:
    network = build_model("tc_resnet8", (40, 98, 1), 4, **NARROW)
    ours = convert(network, RECIPES[recipe]).content
    for layer in filter(is_strided_pointwise, network.layers):
        del layer.convolution_op
    assert len(strided(network)) == 3
    assert ours == convert(network, RECIPES[recipe]).content


def test_outside_of_a_conversion_it_skips_first_again() -> None:
    network = build_model("tc_resnet8", (40, 98, 1), 4, **NARROW)
    with as_one_operator():
        assert strided(network) != []
    assert strided(network) == []
