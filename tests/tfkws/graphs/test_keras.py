"""Keras models as lists of nodes: order, shapes, readers, and what cannot be read."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from tfkws.errors import CostError, UnsupportedLayerError
from tfkws.graphs.keras import read_graph, read_plain_graph


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


def shared_twice() -> keras.Model:
    inputs = keras.Input((4,))
    shared = keras.layers.Dense(4, name="shared")
    return keras.Model(inputs, shared(shared(inputs)))


def nested_twice() -> keras.Model:
    inputs = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="in")], name="inner")
    return keras.Model(inputs, keras.layers.Add(name="sum")([inner(inputs), inner(inner(inputs))]))


def test_each_call_of_a_shared_layer_is_a_node() -> None:
    first, second = read_graph(shared_twice()).nodes
    assert (first.name, second.name) == ("shared", "shared (call 2)")
    assert (first.is_first_call, second.is_first_call) == (True, False)
    assert second.inputs == first.outputs and second.outputs != first.outputs


def test_models_inside_a_model_are_read_into_it() -> None:
    graph = read_graph(nested_twice())
    assert [node.name for node in graph.nodes] == ["in", "in (call 2)", "in (call 3)", "sum"]
    written = [tensor for node in graph.nodes for tensor in node.outputs]
    assert len(set(written)) == len(written) == 4
    known = {*graph.inputs, *written}
    assert all(tensor in known for node in graph.nodes for tensor in node.inputs)
    assert graph.outputs == graph.nodes[-1].outputs


def test_several_inputs_and_outputs_keep_their_places() -> None:
    a, b = keras.Input((6, 3), name="a"), keras.Input((5,), name="b")
    every, last, cell = keras.layers.LSTM(5, return_sequences=True, return_state=True, name="lstm")(a)
    total = keras.layers.Add(name="sum")([last, b])
    graph = read_graph(keras.Model([a, b], [every, total]))
    lstm, add = graph.nodes
    assert len(graph.inputs) == 2 and len(lstm.outputs) == 3
    assert add.inputs == (lstm.outputs[1], graph.inputs[1])
    assert graph.outputs == (lstm.outputs[0], add.output)
    assert lstm.input_shapes == ((6, 3),) and lstm.output_shape == (6, 5)


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="own")
        self.conv, self.pool = keras.layers.Conv2D(3, 3, name="conv"), keras.layers.GlobalAveragePooling2D(name="pool")

    def call(self, inputs: Any) -> Any:
        return self.pool(keras.ops.relu(self.conv(inputs)))


class Eager(Subclassed):
    def call(self, inputs: Any) -> Any:
        return self.pool(self.conv(inputs)) * float(np.asarray(inputs).mean())


def test_a_subclass_is_traced_where_its_call_allows_it() -> None:
    model = Subclassed()
    with pytest.raises(CostError, match="own is not built"):
        read_graph(model)
    model(np.zeros((1, 8, 6, 2), np.float32))
    graph = read_graph(model)
    assert [node.layer.name for node in graph.nodes][::2] == ["conv", "pool"]
    assert not graph.nodes[1].is_layer
    eager = Eager()
    eager(np.zeros((1, 8, 6, 2), np.float32))
    with pytest.raises(CostError, match="own is a subclass of keras.Model whose call cannot be traced"):
        read_graph(eager)


def test_arguments_are_filled_in_as_the_call_had_them() -> None:
    a, b = keras.Input((6, 4)), keras.Input((7, 4))
    model = keras.Model([a, b], keras.layers.MultiHeadAttention(2, 3)(a, value=b))
    (node,) = read_graph(model).nodes
    assert node.given(("query", "value")) == (("query",), {"value": "value"})


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (shared_twice, "shared is called more than once"),
        (nested_twice, "in lies in a model inside the model"),
        (lambda: keras.Model(x := keras.Input((4,)), x * 2.0), "is a function of keras.ops"),
    ],
)
def test_what_changes_layers_takes_plain_networks_only(make: Callable[[], keras.Model], reason: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=reason):
        read_plain_graph(make())
