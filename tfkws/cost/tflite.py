"""Count a .tflite file: one formula a class of operators, from `tfkws.cost.formulas`.

What an operator is says `tfkws.graphs.operator_kinds`: counted, zero with the reason, or unknown, which is an error.
What the file stores is counted: a convolution has its kernel and one bias a filter, a normalisation that could not be
folded the constants of MUL and ADD.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from tfkws.cost.activation_memory import Step, arena_bytes, peak_bytes
from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs, rfft_macs
from tfkws.cost.report import CostReport, CostRow, Counted
from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.graphs.tflite_parser import parse_tflite


@dataclass(frozen=True)
class Operands:
    """Shapes that a formula needs, with the batch, which is 1.

    Attributes:
        weights: shape of the second input; empty where there is none.
        output: shape of the first output.
    """

    weights: tuple[int, ...]
    output: tuple[int, ...]

    @property
    def output_map(self) -> tuple[int, int]:
        """Height and width of the output."""
        return self.output[1], self.output[2]


def _conv2d(operands: Operands) -> Counted:
    filters, kernel_height, kernel_width, channels = operands.weights
    sizes = (operands.output_map, (kernel_height, kernel_width), channels, filters)
    return Counted("Conv2D", conv2d_macs(*sizes), conv2d_fpops_eq1(*sizes))


def _depthwise_conv2d(operands: Operands) -> Counted:
    _, kernel_height, kernel_width, filters = operands.weights
    kernel, output_map = (kernel_height, kernel_width), operands.output_map
    eq1 = conv2d_fpops_eq1(output_map, kernel, 1, filters)
    return Counted("DepthwiseConv2D", depthwise_conv2d_macs(output_map, kernel, filters), eq1)


def _fully_connected(operands: Operands) -> Counted:
    outputs, inputs = operands.weights
    return Counted("Dense", dense_macs(inputs, outputs, prod(operands.output) // outputs))


def _rfft2d(operands: Operands) -> Counted:
    *rows, bins = operands.output
    return Counted("Transform", rfft_macs(2 * (bins - 1), prod(rows)))


FORMULAS: Mapping[str, Callable[[Operands], Counted]] = {
    "Conv2D": _conv2d,
    "DepthwiseConv2D": _depthwise_conv2d,
    "Dense": _fully_connected,
    "Transform": _rfft2d,
}


def count_tflite(source: Path | bytes) -> CostReport:
    """Count a .tflite file, or its bytes; see `tfkws.cost.count`.

    Raises:
        UnsupportedLayerError: an operator has no counting rule.
    """
    return count_graph(parse_tflite(source), source.name if isinstance(source, Path) else "model.tflite")


def count_graph(graph: TfliteGraph, name: str = "model.tflite") -> CostReport:
    """Count a .tflite file that was parsed, for one example.

    Args:
        name: of the report.

    Raises:
        UnsupportedLayerError: an operator has no counting rule.
    """
    rows, seen = [], set[tuple[int, int]]()
    for op in graph.ops:
        constants = _params(graph, op)
        fresh = {tensor.data_range: tensor.size_bytes for tensor in constants if tensor.data_range not in seen}
        seen |= set(fresh)
        rows.append(_row(op, graph, constants, sum(fresh.values())))
    return CostReport(name, "tflite", graph.input.shape[1:], tuple(rows), peak_bytes(*_schedule(graph)))


def count_arena(graph: TfliteGraph) -> int:
    """Return the bytes of the arena for a file's activations, as `tfkws.cost.activation_memory` plans it."""
    return arena_bytes(*_schedule(graph))


def _row(op: TfliteOp, graph: TfliteGraph, constants: tuple[TfliteTensor, ...], weight_bytes: int) -> CostRow:
    counted = _counted(op, graph)
    return CostRow(
        name=graph.layer_name(op),
        layer_class=counted.layer_class,
        output_shape=graph.tensors[op.outputs[0]].shape[1:],
        params=sum(prod(tensor.shape) for tensor in constants),
        macs=counted.macs,
        fpops_eq1=counted.fpops_eq1,
        weight_bytes=weight_bytes,
        zero_reason=counted.zero_reason,
    )


def _counted(op: TfliteOp, graph: TfliteGraph) -> Counted:
    kind, output = operator_kind(op.opcode), graph.tensors[op.outputs[0]]
    if kind.layer_class is None:
        raise UnsupportedLayerError(
            f"No counting rule for operator {op.index} ({op.opcode}, output {output.name}); "
            "add a row to tfkws/graphs/operator_kinds.py or replace the layer."
        )
    if kind.zero_reason:
        return Counted(kind.layer_class, zero_reason=kind.zero_reason)
    weights = graph.tensors[op.inputs[1]].shape if len(op.inputs) > 1 and op.inputs[1] >= 0 else ()
    return FORMULAS[kind.layer_class](Operands(weights, output.shape))


def _params(graph: TfliteGraph, op: TfliteOp) -> tuple[TfliteTensor, ...]:
    """Constants of an operator that are parameters; the axes and shapes that others take are none."""
    stored = graph.stored if operator_kind(op.opcode).constants_are_params else {}
    return tuple(stored[i] for i in op.inputs if i in stored)


def _schedule(graph: TfliteGraph) -> tuple[list[Step[int]], dict[int, int], tuple[int, ...]]:
    """Activations that each operator reads and writes, the size of every tensor, and the results."""
    stored = graph.stored
    steps = [
        Step(
            tuple(i for i in op.inputs if i >= 0 and i not in stored),
            tuple(i for i in op.outputs if i not in stored),
        )
        for op in graph.ops
    ]
    return steps, {tensor.index: tensor.size_bytes for tensor in graph.tensors}, graph.outputs
