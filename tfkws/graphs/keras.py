"""A Keras model as a plain list of nodes in execution order."""

from dataclasses import dataclass
from typing import Any

import keras

from tfkws.errors import CostError, UnsupportedLayerError
from tfkws.graphs.layer_kinds import LayerKind, kind_of


@dataclass(frozen=True)
class KerasNode:
    """One call of one layer.

    Attributes:
        layer: the Keras layer.
        inputs: ids of the tensors that it reads.
        output: id of the tensor that it writes.
        input_shapes, output_shape: shapes without the batch.
    """

    layer: Any
    inputs: tuple[int, ...]
    output: int
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]

    @property
    def kind(self) -> LayerKind:
        """What the layer is.

        Raises:
            UnsupportedLayerError: its class has no row in `tfkws.graphs.layer_kinds`.
        """
        return kind_of(self.layer)


@dataclass(frozen=True)
class KerasGraph:
    """The calls of all layers of a model.

    Attributes:
        nodes: in execution order.
        inputs, outputs: ids (int) of the tensors at both ends.
    """

    nodes: tuple[KerasNode, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def readers(self, tensor: int) -> int:
        """Return how often a tensor is read; each place among the network's outputs counts as one reading."""
        return sum(node.inputs.count(tensor) for node in self.nodes) + self.outputs.count(tensor)


def read_graph(model: keras.Model) -> KerasGraph:
    """Read a Functional or built Sequential model.

    Raises:
        CostError: the model is not built, or a shape but the batch is not fixed.
        UnsupportedLayerError: a layer is a model itself, is called twice, or has several outputs.
    """
    if not getattr(model, "inputs", None):
        raise CostError(f"{model.name} is not built from Keras inputs; call it once or give it a keras.Input.")
    operations = keras.Model(model.inputs, model.outputs).operations
    nodes = tuple(_node(op) for op in operations if not isinstance(op, keras.layers.InputLayer))
    return KerasGraph(nodes, tuple(map(id, model.inputs)), tuple(map(id, model.outputs)))


def _node(layer: Any) -> KerasNode:
    if isinstance(layer, keras.Model):
        raise UnsupportedLayerError(f"{layer.name} is a model inside a model; count it by itself.")
    if len(layer._inbound_nodes) != 1 or keras.tree.is_nested(layer.output):
        raise UnsupportedLayerError(
            f"{layer.name} is called more than once or has several outputs; use one layer a call."
        )
    inputs = keras.tree.flatten(layer.input)
    shapes = tuple(_fixed(layer.name, tensor.shape) for tensor in inputs)
    return KerasNode(layer, tuple(map(id, inputs)), id(layer.output), shapes, _fixed(layer.name, layer.output.shape))


def _fixed(name: str, shape: tuple[int | None, ...]) -> tuple[int, ...]:
    sizes = tuple(size for size in shape[1:] if size is not None)
    if len(sizes) != len(shape) - 1:
        raise CostError(f"Layer {name} has the open shape {shape}; give the model an input of fixed size.")
    return sizes
