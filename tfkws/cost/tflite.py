"""Count a .tflite file: one handler an operator on `tfkws.cost.formulas`.

An operator is counted, declared zero with the reason, or an error. What the file stores is counted: a convolution has
its kernel and one bias a filter, a normalisation that could not be folded the constants of MUL and ADD.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

from tfkws.cost.arena import arena_bytes
from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs, rfft_macs
from tfkws.cost.peak_memory import Step, peak_bytes
from tfkws.cost.report import CostReport, CostRow, Counted
from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.layer_kinds import ACTIVATION, DATA_MOVEMENT, ELEMENTWISE, POOLING, QUANTISATION, LayerClass
from tfkws.graphs.tflite import TfliteGraph, TfliteOp, TfliteTensor, read_graph
from tfkws.graphs.tflite_names import layer_name


@dataclass(frozen=True)
class Operands:
    """Shapes that a handler needs, with the batch, which is 1.

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


def _zero(layer_class: LayerClass, reason: str) -> Callable[[Operands], Counted]:
    return lambda operands: Counted(layer_class, zero_reason=reason)


HANDLERS: dict[str, Callable[[Operands], Counted]] = {
    "CONV_2D": _conv2d,
    "DEPTHWISE_CONV_2D": _depthwise_conv2d,
    "FULLY_CONNECTED": _fully_connected,
    "RFFT2D": _rfft2d,
    **dict.fromkeys(
        ("RELU", "RELU6", "LOGISTIC", "HARD_SWISH", "TANH", "SOFTMAX", "LOG"), _zero("Activation", ACTIVATION)
    ),
    **dict.fromkeys(("MAX_POOL_2D", "AVERAGE_POOL_2D", "MEAN"), _zero("Pooling", POOLING)),
    **dict.fromkeys(("ADD", "SUB", "MUL", "SQUARE"), _zero("Elementwise", ELEMENTWISE)),
    **dict.fromkeys(
        ("RESHAPE", "TRANSPOSE", "CONCATENATION", "PAD", "STRIDED_SLICE", "SQUEEZE", "EXPAND_DIMS", "REAL", "IMAG"),
        _zero("DataMovement", DATA_MOVEMENT),
    ),
    **dict.fromkeys(("QUANTIZE", "DEQUANTIZE"), _zero("DataMovement", QUANTISATION)),
}
WITH_WEIGHTS = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL"})


def count_tflite(source: Path | bytes) -> CostReport:
    """Count a .tflite file; see `tfkws.cost.count`."""
    graph = read_graph(source)
    stored = _stored(graph)
    rows, seen = [], set[tuple[int, int]]()
    for op in graph.ops:
        constants = _constants(op, stored)
        fresh = {tensor.data_range: tensor.size_bytes for tensor in constants if tensor.data_range not in seen}
        seen |= set(fresh)
        rows.append(_row(op, graph, constants, sum(fresh.values())))
    name = source.name if isinstance(source, Path) else "model.tflite"
    steps, size_bytes = _schedule(graph, stored)
    peak = peak_bytes(steps, size_bytes, graph.outputs)
    return CostReport(name, "tflite", graph.tensors[graph.inputs[0]].shape[1:], tuple(rows), peak)


def count_arena(source: Path | bytes) -> int:
    """Bytes of the arena that a .tflite file needs, as `tfkws.cost.arena` plans it.

    Raises:
        TfliteFileError: the file is missing, damaged or not a .tflite file.
    """
    graph = read_graph(source)
    steps, size_bytes = _schedule(graph, _stored(graph))
    return arena_bytes(steps, size_bytes, graph.outputs)


def _row(op: TfliteOp, graph: TfliteGraph, constants: tuple[TfliteTensor, ...], weight_bytes: int) -> CostRow:
    output = graph.tensors[op.outputs[0]]
    if op.opcode not in HANDLERS:
        raise UnsupportedLayerError(
            f"No counting rule for operator {op.index} ({op.opcode}, output {output.name}); "
            "add a handler to tfkws/cost/tflite.py or replace the layer."
        )
    weights = graph.tensors[op.inputs[1]].shape if len(op.inputs) > 1 and op.inputs[1] >= 0 else ()
    counted = HANDLERS[op.opcode](Operands(weights, output.shape))
    return CostRow(
        name=layer_name(output.name, op.opcode),
        layer_class=counted.layer_class,
        output_shape=output.shape[1:],
        params=sum(prod(tensor.shape) for tensor in constants),
        macs=counted.macs,
        fpops_eq1=counted.fpops_eq1,
        weight_bytes=weight_bytes,
        zero_reason=counted.zero_reason,
    )


def _stored(graph: TfliteGraph) -> dict[int, TfliteTensor]:
    """Map each constant tensor to what the file stores; float16 weights stand behind a DEQUANTIZE."""
    stored = {tensor.index: tensor for tensor in graph.tensors if tensor.is_constant}
    unpacked = [op for op in graph.ops if op.opcode == "DEQUANTIZE" and op.inputs[0] in stored]
    return stored | {op.outputs[0]: stored[op.inputs[0]] for op in unpacked}


def _constants(op: TfliteOp, stored: dict[int, TfliteTensor]) -> tuple[TfliteTensor, ...]:
    """Weights of an operator; the axes and shapes that others take as constants are no weights."""
    return tuple(stored[i] for i in op.inputs if i in stored) if op.opcode in WITH_WEIGHTS else ()


def _schedule(graph: TfliteGraph, stored: dict[int, TfliteTensor]) -> tuple[list[Step[int]], dict[int, int]]:
    """Activations that each operator reads and writes, and the size of every tensor."""
    steps = [
        Step(
            tuple(i for i in op.inputs if i >= 0 and i not in stored),
            tuple(i for i in op.outputs if i not in stored),
        )
        for op in graph.ops
    ]
    return steps, {tensor.index: tensor.size_bytes for tensor in graph.tensors}
