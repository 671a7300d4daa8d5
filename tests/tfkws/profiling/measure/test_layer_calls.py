"""Layers called by themselves against the network, and which of them share a program."""

from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("mode", ["compiled", "eager"])
def test_layers_are_called_on_the_values_they_really_get(network: Any, mode: str) -> None:
    """Calling the layers one by one gives what the network gives."""
    check(network, mode)


def check(network: Any, mode: str) -> None:
    import keras

    from tfkws.graphs.keras import read_graph
    from tfkws.profiling.measure.layer_calls import layer_calls, whole_call

    graph = read_graph(network)
    rng = np.random.default_rng(1)
    examples = [rng.normal(size=(1, *tensor.shape[1:])).astype(np.float32) for tensor in network.inputs]
    values: dict[int, Any] = dict(zip(graph.inputs, examples, strict=True))
    for call in layer_calls(graph.nodes, mode):
        values |= zip(call.outputs, call.run(*call.weights, *(values[index] for index in call.inputs)), strict=True)
    expected = keras.tree.flatten(network.predict_on_batch(examples if len(examples) > 1 else examples[0]))
    whole = whole_call(graph, mode)
    answers = whole.run(*whole.weights, *examples)
    for tensor, answer, wanted in zip(graph.outputs, answers, expected, strict=True):
        assert np.allclose(values[tensor], wanted, atol=1e-6)
        assert np.allclose(answer, wanted, atol=1e-6)


def odd_networks() -> dict[str, Any]:
    """Networks that are no chain of layers with one input and one output each."""
    import keras
    from keras import layers as L

    a, b = keras.Input((6, 4), name="a"), keras.Input((7, 4), name="b")
    every, last, cell = L.LSTM(4, return_sequences=True, return_state=True)(a)
    attended = L.MultiHeadAttention(2, 3)(every, value=b, use_causal_mask=False)
    inner = keras.Sequential([keras.Input((6, 4)), L.Dense(4, activation="relu"), L.Conv1D(4, 1)])
    shared = L.Dense(4)
    x = inner(inner(shared(shared(attended))) * 2.0)
    flat = keras.ops.max(x, axis=1)
    return {
        "two inputs, two outputs": keras.Model([a, b], [L.Add()([flat, last]), cell]),
        "bidirectional": keras.Model(a, L.Bidirectional(L.GRU(3))(a)),
        "in time": keras.Model(a, L.TimeDistributed(L.Dense(3))(a)),
        "sequential": keras.Sequential([keras.Input((6, 4)), L.Conv1D(3, 3), L.GlobalAveragePooling1D(), L.Dense(2)]),
    }


@pytest.mark.parametrize("mode", ["compiled", "eager"])
@pytest.mark.parametrize("name", ["two inputs, two outputs", "bidirectional", "in time", "sequential"])
def test_networks_of_any_shape_are_called_layer_by_layer(name: str, mode: str) -> None:
    check(odd_networks()[name], mode)


def test_only_layers_of_equal_settings_share_a_program() -> None:
    import keras

    from tfkws.graphs.keras import read_graph
    from tfkws.profiling.measure.layer_calls import layer_calls

    inputs = x = keras.Input((6, 6, 2))
    for kwargs in ({}, {}, {"dilation_rate": 2}, {"activation": "relu"}, {"use_bias": False}):
        x = keras.layers.Conv2D(2, 3, padding="same", **kwargs)(x)
    for limit in (1.0, 6.0, 1.0):
        x = keras.layers.ReLU(max_value=limit)(x)
    calls = layer_calls(read_graph(keras.Model(inputs, x)).nodes, "compiled")
    programs = [[call.run for call in calls].index(call.run) for call in calls]
    assert programs == [0, 0, 2, 3, 4, 5, 6, 5]
