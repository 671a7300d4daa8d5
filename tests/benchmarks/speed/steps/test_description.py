"""A description holds what a network is: Keras builds the same one from it, and unknown layers are refused."""

import json

import keras
import numpy as np
import pytest

from benchmarks.speed.steps.by_keras import build
from benchmarks.speed.steps.description import describe
from benchmarks.speed.steps.networks import INPUT_SHAPE, NETWORKS, TimedNetwork

BY_NAME = {network.name: network for network in NETWORKS}


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give a network built from a description the weights of the one described; layers come in the same order."""
    layers = [[layer for layer in model.layers if layer.weights] for model in (source, target)]
    for one, other in zip(*layers, strict=True):
        other.set_weights([np.asarray(weight) for weight in one.weights])


@pytest.mark.parametrize("name", ["MatchboxNet-narrow", "BC-ResNet-1", "DS-CNN"])
def test_the_same_network_is_built_from_it(name: str) -> None:
    model = BY_NAME[name].build()
    layers = json.loads(json.dumps(describe(model)))
    again = build(layers, list(INPUT_SHAPE), "channels_last")
    copy_weights(model, again)
    maps = np.random.default_rng(0).normal(size=(2, *INPUT_SHAPE)).astype(np.float32)
    probabilities = keras.ops.softmax(again(maps))
    assert np.asarray(probabilities) == pytest.approx(np.asarray(model(maps)), abs=1e-6)


def test_channels_first_have_as_many_weights() -> None:
    layers = describe(BY_NAME["BC-ResNet-1"].build())
    counts = {build(layers, list(INPUT_SHAPE), name).count_params() for name in ("channels_first", "channels_last")}
    assert len(counts) == 1


def test_tensors_are_numbered_in_order_and_read_after_they_are_written() -> None:
    layers = describe(BY_NAME["MatchboxNet-narrow"].build())
    assert [layer["output"] for layer in layers] == list(range(1, len(layers) + 1))
    assert all(max(layer["inputs"]) < layer["output"] for layer in layers)
    assert layers[0]["kind"] == "rows_to_channels" and layers[0]["inputs"] == [0]
    assert layers[-1] == layers[-1] | {"kind": "dense", "units": 10}


def test_a_layer_that_no_peer_has_is_refused() -> None:
    inputs = keras.Input((4, 4, 1))
    with pytest.raises(ValueError, match="LayerNormalization"):
        describe(keras.Model(inputs, keras.layers.LayerNormalization()(inputs)))


def test_the_narrow_network_is_the_small_one_of_the_study() -> None:
    from tfkws.cost.keras import count_keras

    assert 0.14e6 < count_keras(BY_NAME["MatchboxNet-narrow"].build()).macs < 0.17e6
    assert TimedNetwork(**BY_NAME["kws12"].to_dict()) == BY_NAME["kws12"]
