"""Count a Keras model: one handler a layer class on `tfkws.cost.formulas`.

A layer is counted, declared zero with the reason, or an error; the class must match exactly, because a subclass may
compute more than its parent. The model is not changed.
"""

from collections.abc import Callable
from math import prod

import keras
import numpy as np

from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs
from tfkws.cost.peak_memory import Step, peak_bytes
from tfkws.cost.report import CostReport, CostRow, Counted, LayerClass
from tfkws.cost.zero_reasons import ACTIVATION, BATCH_NORM, DATA_MOVEMENT, DROPOUT, ELEMENTWISE, POOLING
from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.keras import KerasGraph, KerasNode, read_graph
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization

IN_PLACE: frozenset[LayerClass] = frozenset({"BatchNorm", "Activation", "Dropout"})
IN_PLACE_LAYERS = (keras.layers.Reshape, keras.layers.Flatten)


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


def _zero(layer_class: LayerClass, reason: str) -> Callable[[KerasNode], Counted]:
    return lambda node: Counted(layer_class, zero_reason=reason)


HANDLERS: dict[type, Callable[[KerasNode], Counted]] = {
    keras.layers.Conv2D: _conv2d,
    keras.layers.DepthwiseConv2D: _depthwise_conv2d,
    StridedRowsDepthwiseConv2D: _depthwise_conv2d,
    keras.layers.Dense: _dense,
    keras.layers.BatchNormalization: _zero("BatchNorm", BATCH_NORM),
    SubSpectralNormalization: _zero("BatchNorm", BATCH_NORM),
    **dict.fromkeys(
        (keras.layers.ReLU, keras.layers.Activation, keras.layers.Softmax), _zero("Activation", ACTIVATION)
    ),
    **dict.fromkeys(
        (
            keras.layers.MaxPooling2D,
            keras.layers.AveragePooling2D,
            keras.layers.GlobalAveragePooling2D,
            keras.layers.GlobalMaxPooling2D,
        ),
        _zero("Pooling", POOLING),
    ),
    **dict.fromkeys((keras.layers.Dropout, keras.layers.SpatialDropout2D), _zero("Dropout", DROPOUT)),
    **dict.fromkeys((keras.layers.Add, keras.layers.Multiply), _zero("Elementwise", ELEMENTWISE)),
    **dict.fromkeys(
        (
            keras.layers.Reshape,
            keras.layers.Flatten,
            keras.layers.Permute,
            keras.layers.Concatenate,
            keras.layers.ZeroPadding2D,
        ),
        _zero("DataMovement", DATA_MOVEMENT),
    ),
}


def count_keras(model: keras.Model) -> CostReport:
    """Count a built model; see `tfkws.cost.count`."""
    graph = read_graph(model)
    rows = tuple(_row(node) for node in graph.nodes)
    return CostReport(model.name, "keras", tuple(model.inputs[0].shape[1:]), rows, _peak(graph, rows))


def _row(node: KerasNode) -> CostRow:
    layer = node.layer
    if type(layer) not in HANDLERS:
        raise UnsupportedLayerError(
            f"No counting rule for layer {layer.name} ({type(layer).__name__}); "
            "add a handler to tfkws/cost/keras.py or replace the layer."
        )
    counted = HANDLERS[type(layer)](node)
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


def _peak(graph: KerasGraph, rows: tuple[CostRow, ...]) -> int:
    """Peak in float32, with what a converter fuses (normalisation, activation, reshape) done in place."""
    place = {tensor: tensor for tensor in graph.inputs}
    size_bytes = {
        id_: 4 * prod(shape) for node in graph.nodes for id_, shape in zip(node.inputs, node.input_shapes, strict=True)
    }
    for node, row in zip(graph.nodes, rows, strict=True):
        in_place = row.layer_class in IN_PLACE or isinstance(node.layer, IN_PLACE_LAYERS)
        shares = in_place and graph.readers(node.inputs[0]) == 1
        place[node.output] = place[node.inputs[0]] if shares else node.output
        size_bytes[node.output] = 4 * prod(node.output_shape)
    steps = [Step(tuple(place[i] for i in node.inputs), (place[node.output],)) for node in graph.nodes]
    return peak_bytes(steps, size_bytes, [place[tensor] for tensor in graph.outputs])
