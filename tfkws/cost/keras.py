"""Count a Keras model, call by call.

A layer is counted by a rule of `tfkws.cost.keras_rules`, declared zero with the reason, or its MACs are unknown. The
model is not changed.
"""

from math import prod

import keras
import numpy as np

from tfkws.cost.activation_memory import Step, peak_bytes
from tfkws.cost.keras_rules import count_layer
from tfkws.cost.report import CostReport, CostRow
from tfkws.graphs.keras import KerasGraph, KerasNode, read_graph
from tfkws.graphs.layer_kinds import find_kind


def count_keras(model: keras.Model) -> CostReport:
    """Count a built model for one example; see `tfkws.cost.count`.

    A layer without a counting rule has a row whose MACs are unknown.

    Raises:
        CostError: the model's calls are not known, or a shape but the batch is not fixed.
    """
    graph = read_graph(model)
    rows = tuple(_row(node) for node in graph.nodes)
    return CostReport(model.name, "keras", tuple(graph.model.inputs[0].shape[1:]), rows, _peak(graph))


def _row(node: KerasNode) -> CostRow:
    counted = count_layer(node.layer, node.input_shapes if node.is_layer else _operands(node), node.output_shape)
    weights = node.layer.weights if node.is_layer and node.is_first_call else []
    trainable = node.layer.trainable_weights if weights else []
    return CostRow(
        name=node.name,
        layer_class=counted.layer_class,
        output_shape=node.output_shape,
        params=sum(prod(weight.shape) for weight in trainable),
        macs=counted.macs,
        fpops_eq1=counted.fpops_eq1,
        weight_bytes=sum(prod(weight.shape) * np.dtype(weight.dtype).itemsize for weight in weights),
        zero_reason=counted.zero_reason,
        note=counted.note,
    )


def _operands(node: KerasNode) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of what a function of `keras.ops` is given, constants too; an open batch is one example."""
    given = [value for value in keras.tree.flatten(node.arguments.args) if hasattr(value, "shape")]
    return tuple(tuple(1 if size is None else size for size in value.shape) for value in given)


def _peak(graph: KerasGraph) -> int:
    """Peak in float32, with what a converter fuses (normalisation, activation, reshape) done in place."""
    place = {tensor: tensor for tensor in graph.inputs}
    size_bytes = {
        id_: 4 * prod(shape) for node in graph.nodes for id_, shape in zip(node.inputs, node.input_shapes, strict=True)
    }
    for node in graph.nodes:
        kind = find_kind(node.layer)
        shares = kind is not None and kind.in_place and graph.readers(node.inputs[0]) == 1
        for tensor, symbol in zip(node.outputs, node.output_tensors, strict=True):
            place[tensor] = tensor
            size_bytes[tensor] = 4 * prod(size for size in symbol.shape if size is not None)
        if shares:
            place[node.output] = place[node.inputs[0]]
    steps = [Step(tuple(place[i] for i in node.inputs), tuple(place[i] for i in node.outputs)) for node in graph.nodes]
    return peak_bytes(steps, size_bytes, [place[tensor] for tensor in graph.outputs])
