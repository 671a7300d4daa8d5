"""Layers called by themselves against the network, and which of them share a program."""

from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("mode", ["compiled", "eager"])
def test_layers_are_called_on_the_values_they_really_get(network: Any, mode: str) -> None:
    """Calling the layers one by one gives what the network gives."""
    from tfkws.graphs.keras import read_graph
    from tfkws.profiling.measure.layer_calls import layer_calls, whole_call

    example = np.random.default_rng(1).normal(size=(1, 6, 4, 1)).astype(np.float32)
    values = {id(network.inputs[0]): example}
    for call in layer_calls(read_graph(network).nodes, mode):
        values[call.output] = call.run(*call.weights, *(values[index] for index in call.inputs))
    expected = network.predict_on_batch(example)
    assert np.allclose(values[id(network.outputs[0])], expected, atol=1e-6)
    whole = whole_call(network, mode)
    assert np.allclose(whole.run(*whole.weights, example), expected, atol=1e-6)


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
