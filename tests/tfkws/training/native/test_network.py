"""Which networks are read, and why others are not."""

from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest
from small_networks import small_network

from tfkws.errors import UnsupportedLayerError
from tfkws.training.native.network import moved_by, read_network
from tfkws.training.native.operations.elementwise import Sum
from tfkws.training.native.operations.normalisation import Normalisation

layers = keras.layers


def to_logits(family: str) -> Any:
    network = small_network(family)
    return keras.Model(network.input, network.get_layer("logits").output)


def test_a_relu_is_computed_with_the_normalisation_or_sum_before_it() -> None:
    network = read_network(to_logits("tc_resnet"))
    kinds = [one for one in network.operations if isinstance(one, Normalisation | Sum)]
    assert {(type(one), one.activated) for one in kinds} == {
        (Normalisation, True), (Normalisation, False), (Sum, True),
    }  # fmt: skip
    assert network.input not in network.trainable and network.output in network.trainable


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: layers.LayerNormalization(name="odd"), "odd is a LayerNormalization"),
        (lambda: layers.Conv2D(2, 3, activation="tanh", name="odd"), "odd has an activation of its own"),
        (lambda: layers.Conv2D(2, 3, kernel_regularizer="l2", name="odd"), "odd has a kernel_regularizer"),
        (lambda: layers.Conv2D(2, 3, trainable=False, name="odd"), "odd is not trained"),
        (lambda: layers.Conv2D(2, 3, dtype="mixed_float16", name="odd"), "odd computes in float16"),
        (lambda: layers.BatchNormalization(scale=False, name="odd"), "odd has no scale"),
        (lambda: layers.ReLU(5.0, name="odd"), "odd is another activation"),
    ],
)
def test_other_networks_are_refused_with_the_reason(make: Callable[[], Any], reason: str) -> None:
    inputs = keras.Input((6, 5, 2))
    outputs = layers.Dense(3)(layers.GlobalAveragePooling2D()(make()(inputs)))
    with pytest.raises(UnsupportedLayerError, match=reason):
        read_network(keras.Model(inputs, outputs))


def test_a_layer_that_is_called_twice_is_refused() -> None:
    inputs = keras.Input((6, 5, 2))
    twice = layers.Conv2D(2, 1)
    with pytest.raises(UnsupportedLayerError, match="called twice"):
        read_network(keras.Model(inputs, layers.Dense(3)(layers.Flatten()(twice(twice(inputs))))))


@pytest.mark.parametrize(
    "layer",
    [layers.Permute((3, 1, 2)), layers.Reshape((2, 3, 4)), layers.Flatten(), layers.ZeroPadding2D(((1, 0), (2, 3)))],
    ids=lambda layer: layer.name,
)
def test_values_are_moved_as_the_layer_moves_them(layer: Any, rng: np.random.Generator) -> None:
    values = rng.normal(size=(4, 2, 3)).astype(np.float32)
    np.testing.assert_array_equal(moved_by(layer, values), np.asarray(layer(values[None]))[0])
