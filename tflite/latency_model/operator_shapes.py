"""What a latency model is told of an operator: its kind and its sizes, from a .tflite file or before there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from tfkws.cost.formulas import conv2d_macs, dense_macs, depthwise_conv2d_macs, same_size
from tfkws.errors import BenchmarkError
from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteOp
from tfkws.models.conv_units import ConvUnit
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.recipes import RECIPES

BIAS_BYTES = 4
# Bytes of a value by conversion recipe, where weights and activations have the same type.
VALUE_BYTES = {
    recipe.name: np.dtype(recipe.weights).itemsize
    for recipe in RECIPES.values()
    if recipe.weights == recipe.activations
}
AXES_BYTES = 8  # the constant that tells MEAN to average over height and width


@dataclass(frozen=True)
class OperatorShape:
    """One operator, as a latency model sees it.

    Attributes:
        kind: its TFLite name; two have other kernels and are kinds of their own: a convolution that is a plain matrix
            product, "CONV_2D 1x1", and a slice that leaves values out in between, "STRIDED_SLICE in steps".
        work: multiply-accumulates, or for an operator without any the values that it reads.
        inputs: input channels that one output value sees.
        outputs: output channels.
        taps: output points times kernel points.
        bytes_moved: inputs, constants and outputs, each once.
    """

    kind: str
    work: int
    inputs: int
    outputs: int
    taps: int
    bytes_moved: int


def file_shapes(source: TfliteFile | Path | bytes) -> tuple[OperatorShape, ...]:
    """Describe each operator of a file, in order.

    Raises:
        TfliteFileError: the file is missing, damaged or not a .tflite file.
    """
    file = tflite_file(source)
    return tuple(_shape(file, op) for op in file.graph.ops)


def _shape(file: TfliteFile, op: TfliteOp) -> OperatorShape:
    """Describe an operator; one whose shapes are not those of its kind by its values alone."""
    try:
        return _shape_of_kind(file, op)
    except (IndexError, ValueError, KeyError, ZeroDivisionError):
        values = sum(prod(file.graph.tensors[i].shape) for i in op.inputs if i >= 0)
        return OperatorShape(op.opcode, values, 1, 1, 1, file.graph.bytes_moved(op))


def _shape_of_kind(file: TfliteFile, op: TfliteOp) -> OperatorShape:
    graph, kind = file.graph, operator_kind(op.opcode)
    layer_class = kind.layer_class if kind.absorbs_norm else None
    bytes_moved = graph.bytes_moved(op)
    read = next((i for i in op.inputs if i >= 0), None)
    source, output = graph.tensors[read].shape if read is not None else (0,), graph.written(op).shape
    points = prod(output[1:-1])
    if layer_class == "Conv2D":
        filters, *kernel, channels = graph.tensors[op.inputs[1]].shape
        strides = (op.options["stride_h"], op.options["stride_w"])
        macs = conv2d_macs((points, 1), (kernel[0], kernel[1]), channels, filters)
        return OperatorShape(_conv_kind(kernel, strides), macs, channels, filters, points * prod(kernel), bytes_moved)
    if layer_class == "DepthwiseConv2D":
        _, *kernel, filters = graph.tensors[op.inputs[1]].shape
        macs = depthwise_conv2d_macs((points, 1), (kernel[0], kernel[1]), filters)
        return OperatorShape(op.opcode, macs, 1, filters, points * prod(kernel), bytes_moved)
    if layer_class == "Dense":
        outputs, inputs = graph.tensors[op.inputs[1]].shape
        rows = prod(output) // outputs
        return OperatorShape(op.opcode, dense_macs(inputs, outputs, rows), inputs, outputs, rows, bytes_moved)
    window = op.options.get("filter_height", 1) * op.options.get("filter_width", 1)
    values = prod(output) * window if "filter_height" in op.options else prod(source)
    name = f"{op.opcode} in steps" if _leaves_out(file, op) else op.opcode
    return OperatorShape(name, values, 1, output[-1] if output else 1, points * window, bytes_moved)


def _leaves_out(file: TfliteFile, op: TfliteOp) -> bool:
    if op.opcode != "STRIDED_SLICE":
        return False
    first, last = file.graph.tensors[op.inputs[3]].data_range
    return bool((np.frombuffer(file.content[first:last], np.int32) != 1).any())


def _conv_kind(kernel: Sequence[int], strides: Sequence[int]) -> str:
    return "CONV_2D 1x1" if prod(kernel) == prod(strides) == 1 else "CONV_2D"


def seed_cnn_shapes(
    units: Sequence[ConvUnit], input_shape: tuple[int, int, int], num_classes: int, recipe: str
) -> tuple[OperatorShape, ...]:
    """Describe the operators that a `seed_cnn` will have when it is trained and converted, without building it.

    Raises:
        BenchmarkError: operators are known beforehand for the recipes "none" and "int8" alone.
    """
    if recipe not in VALUE_BYTES:
        raise BenchmarkError(f"Operators are known before conversion for {', '.join(VALUE_BYTES)}. Received {recipe}.")
    size = VALUE_BYTES[recipe]
    height, width, channels = input_shape
    shapes = []
    for unit in units:
        read = height * width * channels
        height, width = same_size(height, unit.stride_height), same_size(width, unit.stride_width)
        shapes.append(_unit_shape(unit, (height, width), channels, read, size))
        channels = unit.filters
    values = height * width * channels
    dense = channels * num_classes
    return (
        *shapes,
        OperatorShape("MEAN", values, 1, channels, 1, (values + channels) * size + AXES_BYTES),
        OperatorShape(
            "FULLY_CONNECTED", dense, channels, num_classes, 1,
            (channels + dense + num_classes) * size + num_classes * BIAS_BYTES,
        ),
        OperatorShape("SOFTMAX", num_classes, 1, num_classes, 1, 2 * num_classes * size),
    )  # fmt: skip


def _unit_shape(unit: ConvUnit, output_map: tuple[int, int], channels: int, read: int, size: int) -> OperatorShape:
    kernel, points = (unit.kernel_height, unit.kernel_width), prod(output_map)
    values = read + prod(kernel) * channels * unit.filters + points * unit.filters
    return OperatorShape(
        kind=_conv_kind(kernel, (unit.stride_height, unit.stride_width)),
        work=conv2d_macs(output_map, kernel, channels, unit.filters),
        inputs=channels,
        outputs=unit.filters,
        taps=points * prod(kernel),
        bytes_moved=values * size + unit.filters * BIAS_BYTES,
    )
