"""Count a Keras model: one formula of `tfkws.cost.formulas` a layer class of `tfkws.graphs.layer_kinds`.

A layer is counted, declared zero with the reason, or an error. The model is not changed.
"""

from collections.abc import Callable
from math import prod

import keras
import numpy as np

from tfkws.cost.activation_memory import Step, peak_bytes
from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs
from tfkws.cost.report import CostReport, CostRow, Counted
from tfkws.graphs.keras import KerasGraph, KerasNode, read_graph
from tfkws.graphs.layer_kinds import LayerClass


def _conv2d(node: KerasNode) -> Counted:
    layer = node.layer
    height, width, filters = node.output_shape
    sizes = ((height, width), layer.kernel_size, node.input_shapes[0][2], filters, layer.groups)
    return Counted("Conv2D", conv2d_macs(*sizes), conv2d_fpops_eq1(*sizes))


def _depthwise_conv2d(node: KerasNode) -> Counted:
    height, width, filters = node.output_shape
    kernel = node.layer.kernel_size
    eq1 = conv2d_fpops_eq1((height, width), kernel, 1, filters)
    return Counted("DepthwiseConv2D", depthwise_conv2d_macs((height, width), kernel, filters), eq1)


def _dense(node: KerasNode) -> Counted:
    return Counted("Dense", dense_macs(node.input_shapes[0][-1], node.layer.units, prod(node.output_shape[:-1])))


FORMULAS: dict[LayerClass, Callable[[KerasNode], Counted]] = {
    "Conv2D": _conv2d,
    "DepthwiseConv2D": _depthwise_conv2d,
    "Dense": _dense,
}


def count_keras(model: keras.Model) -> CostReport:
    """Count a built model for one example; see `tfkws.cost.count`.

    Raises:
        UnsupportedLayerError: a layer has no counting rule.
    """
    graph = read_graph(model)
    rows = tuple(_row(node) for node in graph.nodes)
    return CostReport(model.name, "keras", tuple(model.inputs[0].shape[1:]), rows, _peak(graph))


def _row(node: KerasNode) -> CostRow:
    layer, kind = node.layer, node.kind
    counted = Counted(kind.layer_class, zero_reason=kind.zero_reason)
    if not kind.zero_reason:
        counted = FORMULAS[kind.layer_class](node)
    return CostRow(
        name=layer.name,
        layer_class=counted.layer_class,
        output_shape=node.output_shape,
        params=sum(prod(weight.shape) for weight in layer.trainable_weights),
        macs=counted.macs,
        fpops_eq1=counted.fpops_eq1,
        weight_bytes=sum(prod(weight.shape) * np.dtype(weight.dtype).itemsize for weight in layer.weights),
        zero_reason=counted.zero_reason,
    )


def _peak(graph: KerasGraph) -> int:
    """Peak in float32, with what a converter fuses (normalisation, activation, reshape) done in place."""
    place = {tensor: tensor for tensor in graph.inputs}
    size_bytes = {
        id_: 4 * prod(shape) for node in graph.nodes for id_, shape in zip(node.inputs, node.input_shapes, strict=True)
    }
    for node in graph.nodes:
        shares = node.kind.in_place and graph.readers(node.inputs[0]) == 1
        place[node.output] = place[node.inputs[0]] if shares else node.output
        size_bytes[node.output] = 4 * prod(node.output_shape)
    steps = [Step(tuple(place[i] for i in node.inputs), (place[node.output],)) for node in graph.nodes]
    return peak_bytes(steps, size_bytes, [place[tensor] for tensor in graph.outputs])
