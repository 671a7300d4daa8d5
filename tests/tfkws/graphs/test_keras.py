"""Keras models as lists of nodes: order, shapes, readers, and what cannot be read."""

import keras
import pytest

from tfkws.errors import CostError, UnsupportedLayerError
from tfkws.graphs.keras import read_graph


def test_nodes_come_in_order_with_shapes_and_readers() -> None:
    inputs = keras.Input((8, 6, 2))
    x = keras.layers.Conv2D(2, 1, name="conv")(inputs)
    y = keras.layers.ReLU(name="relu")(x)
    graph = read_graph(keras.Model(inputs, keras.layers.Add(name="sum")([x, y])))
    conv, relu, total = graph.nodes
    assert [node.layer.name for node in graph.nodes] == ["conv", "relu", "sum"]
    assert (conv.input_shapes, conv.output_shape) == (((8, 6, 2),), (8, 6, 2))
    assert conv.inputs == graph.inputs and graph.outputs == (total.output,)
    assert total.inputs == (conv.output, relu.output)
    assert [graph.readers(node.output) for node in graph.nodes] == [2, 1, 1]
    assert total.kind.name.endswith("Add")


def test_a_sequential_model_is_read_as_its_functional_twin() -> None:
    layers = [keras.layers.Conv2D(3, 3, name="conv"), keras.layers.ReLU(name="relu")]
    graph = read_graph(keras.Sequential([keras.Input((8, 6, 2)), *layers]))
    assert [(node.layer.name, node.output_shape) for node in graph.nodes] == [("conv", (6, 4, 3)), ("relu", (6, 4, 3))]


def test_what_is_not_built_or_has_no_fixed_size_is_refused() -> None:
    with pytest.raises(CostError, match="not built"):
        read_graph(keras.Sequential([keras.layers.Dense(2)]))
    with pytest.raises(CostError, match="Layer conv has the open shape"):
        read_graph(keras.Sequential([keras.Input((None, 6, 1)), keras.layers.Conv2D(2, 1, name="conv")]))


def test_a_layer_called_twice_or_a_model_inside_is_refused() -> None:
    inputs = keras.Input((4,))
    shared = keras.layers.Dense(4, name="shared")
    with pytest.raises(UnsupportedLayerError, match="shared is called more than once"):
        read_graph(keras.Model(inputs, shared(shared(inputs))))
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="inner")
    with pytest.raises(UnsupportedLayerError, match="inner is a model inside a model"):
        read_graph(keras.Model(inputs, inner(inputs)))
