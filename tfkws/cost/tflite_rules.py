"""The counting rules of .tflite operators that multiply and accumulate: one function an operator, by its shapes.

`tfkws.graphs.operator_kinds` says which operators these are; every other one is zero with a reason, calls subgraphs
(`tfkws.cost.tflite`), or is unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs, fft_macs, rfft_macs
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp

Shape = tuple[int, ...]
Counts = tuple[int, int]  # MACs, operations by Equation 1 of paper B


@dataclass(frozen=True)
class Operands:
    """What a rule needs to know of an operator. Shapes are with the batch.

    Attributes:
        inputs: shapes; empty for an input that is left out.
        output: shape of the first output.
        matrices: shapes of the stored matrices of a recurrent operator.
        options: of the operator.
    """

    inputs: tuple[Shape, ...]
    output: Shape
    matrices: tuple[Shape, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def operands_of(op: TfliteOp, graph: TfliteGraph) -> Operands:
    """Return the shapes of an operator."""
    shapes = tuple(graph.tensors[i].shape if i >= 0 else () for i in op.inputs)
    matrices = tuple(tensor.shape for tensor in graph.matrices(op))
    return Operands(shapes, graph.written(op).shape, matrices, op.options)


def _conv2d(operands: Operands) -> Counts:
    filters, kernel_height, kernel_width, channels = operands.inputs[1]
    batch, height, width, _ = operands.output
    sizes = ((batch * height, width), (kernel_height, kernel_width), channels, filters)
    return conv2d_macs(*sizes), conv2d_fpops_eq1(*sizes)


def _depthwise_conv2d(operands: Operands) -> Counts:
    _, kernel_height, kernel_width, filters = operands.inputs[1]
    batch, height, width, _ = operands.output
    kernel, output_map = (kernel_height, kernel_width), (batch * height, width)
    return depthwise_conv2d_macs(output_map, kernel, filters), conv2d_fpops_eq1(output_map, kernel, 1, filters)


def _transposed_conv2d(operands: Operands) -> Counts:
    """Count each input point times the whole kernel, also where a part falls outside of the output."""
    filters, kernel_height, kernel_width, channels = operands.inputs[1]
    batch, height, width, _ = operands.inputs[2]
    return conv2d_macs((batch * height, width), (kernel_height, kernel_width), channels, filters), 0


def _conv3d(operands: Operands) -> Counts:
    *kernel, channels, filters = operands.inputs[1]
    return prod(operands.output[:-1]) * prod(kernel) * channels * filters, 0


def _transposed_conv3d(operands: Operands) -> Counts:
    """Count each input point times the whole kernel, (depth, height, width, filters, channels)."""
    return prod(operands.inputs[2][:-1]) * prod(operands.inputs[1]), 0


def _fully_connected(operands: Operands) -> Counts:
    outputs, inputs = operands.inputs[1]
    return dense_macs(inputs, outputs, prod(operands.output) // outputs), 0


def _batch_matmul(operands: Operands) -> Counts:
    first, transposed = operands.inputs[0], operands.options.get("adj_x", False)
    return prod(operands.output) * first[-2 if transposed else -1], 0


def _dot_general(operands: Operands) -> Counts:
    summed = operands.options["lhs_contracting_dimensions"]
    return prod(operands.output) * prod(operands.inputs[0][axis] for axis in summed), 0


def _general_convolution(operands: Operands) -> Counts:
    kernel = operands.inputs[1]
    return prod(operands.output) * prod(kernel) // kernel[operands.options["kernel_output_feature_dimension"]], 0


def _recurrent(operands: Operands) -> Counts:
    """Count every stored matrix once a step: of LSTM, RNN and SVDF, with projection where there is one.

    Gates multiply value by value, and so do peepholes: as elsewhere, these are no MACs. Batch and steps are the
    axes of the first input but its last.
    """
    return prod(operands.inputs[0][:-1]) * sum(map(prod, operands.matrices)), 0


def _rfft2d(operands: Operands) -> Counts:
    """Count the transforms along the rows, then those along the columns where there is more than one row."""
    *batch, rows, bins = operands.output
    along_rows = rfft_macs(2 * (bins - 1), prod(batch) * rows)
    return along_rows + fft_macs(rows, prod(batch) * bins), 0


def _sparse_lookup(operands: Operands) -> Counts:
    """Count one weighted row of the table for each number looked up."""
    return prod(operands.inputs[0]) * prod(operands.inputs[4][1:]), 0


RULES: Mapping[str, Callable[[Operands], Counts]] = {
    "CONV_2D": _conv2d,
    "DEPTHWISE_CONV_2D": _depthwise_conv2d,
    "TRANSPOSE_CONV": _transposed_conv2d,
    "CONV_3D": _conv3d,
    "CONV_3D_TRANSPOSE": _transposed_conv3d,
    "STABLEHLO_CONVOLUTION": _general_convolution,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _batch_matmul,
    "STABLEHLO_DOT_GENERAL": _dot_general,
    "RFFT2D": _rfft2d,
    "LSTM": _recurrent,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _recurrent,
    "BIDIRECTIONAL_SEQUENCE_LSTM": _recurrent,
    "RNN": _recurrent,
    "UNIDIRECTIONAL_SEQUENCE_RNN": _recurrent,
    "BIDIRECTIONAL_SEQUENCE_RNN": _recurrent,
    "SVDF": _recurrent,
    "EMBEDDING_LOOKUP_SPARSE": _sparse_lookup,
}
