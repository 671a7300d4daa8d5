"""What a .tflite file really holds, read from the file and not from its name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

from tfkws.cost import count
from tfkws.cost.tflite import count_arena
from tfkws.errors import CostError
from tfkws.graphs.tflite import TfliteGraph, TfliteOp, read_content, read_graph
from tfkws.graphs.tflite_names import layer_name
from tfkws.tflite.file.metadata import metadata_bytes

# Operators whose first constant input is a weight that multiplies; other constants are shapes, axes and biases.
WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
FRONT_END = "front_end"  # name of the layer in a file that takes audio


@dataclass(frozen=True)
class FileContents:
    """What a file holds.

    Attributes:
        scheme: "float32", "float16 weights", "int8 weights, float32 activations", "int8", "int16 activations, int8
            weights" or the types themselves where it is none of these; layers that differ are counted, and of a file
            that takes audio the network is named apart from the front end.
        metadata_bytes: of `size_bytes`, what the file says about itself.
        arena_bytes: memory for activations, as `tfkws.cost.arena` plans it.
        macs: multiply-accumulates of one inference; None where an operator has no counting rule.
        weight_bytes: bytes of convolution and dense weights by type.
        activation_dtypes: types of the values between operators, by number of tensors.
        operators: how many of each.
    """

    scheme: str
    size_bytes: int
    metadata_bytes: int
    arena_bytes: int
    macs: int | None
    input_shape: tuple[int, ...]
    input_dtype: str
    output_dtype: str
    weight_bytes: dict[str, int]
    activation_dtypes: dict[str, int]
    operators: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def describe(source: Path | bytes) -> FileContents:
    """Describe a file.

    Raises:
        TfliteFileError: it is damaged.
    """
    graph, content = read_graph(source), read_content(source)[1]
    first, last = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    return FileContents(
        scheme=_scheme(graph),
        size_bytes=len(content),
        metadata_bytes=metadata_bytes(content),
        arena_bytes=count_arena(content),
        macs=_macs(content),
        input_shape=first.shape[1:],
        input_dtype=first.dtype,
        output_dtype=last.dtype,
        weight_bytes=weight_bytes_by_dtype(graph),
        activation_dtypes=dict(_activations(graph, graph.ops)),
        operators=dict(Counter(op.opcode for op in graph.ops)),
    )


def weight_bytes_by_dtype(graph: TfliteGraph) -> dict[str, int]:
    """Bytes of the weights of convolutions and dense layers, each tensor once, by stored type."""
    totals: Counter[str] = Counter()
    for index in set(_weights(graph, graph.ops).values()):
        totals[graph.tensors[index].dtype] += graph.tensors[index].size_bytes
    return dict(totals)


def _weights(graph: TfliteGraph, ops: Sequence[TfliteOp]) -> dict[int, int]:
    """Stored weight tensor of each convolution and dense layer, by the operator's index."""
    stored_as = {op.outputs[0]: op.inputs[0] for op in graph.ops if op.opcode == "DEQUANTIZE"}
    found = {op.index: stored_as.get(op.inputs[1], op.inputs[1]) for op in ops if op.opcode in WEIGHTED}
    return {op: index for op, index in found.items() if _constant(graph, index)}


def _activations(graph: TfliteGraph, ops: Sequence[TfliteOp]) -> Counter[str]:
    """Types of what operators give, but for constants that are only unpacked."""
    computing = [op for op in ops if op.opcode != "DEQUANTIZE" or not _constant(graph, op.inputs[0])]
    return Counter(graph.tensors[i].dtype for op in computing for i in op.outputs)


def _macs(content: bytes) -> int | None:
    try:
        return count(content).macs
    except CostError:
        return None


def _constant(graph: TfliteGraph, index: int) -> bool:
    return index >= 0 and graph.tensors[index].is_constant


def _scheme(graph: TfliteGraph) -> str:
    """Name the scheme of the network, apart from a front end in the same file."""
    network = [op for op in graph.ops if not _in_front_end(graph, op)]
    scheme = _network_scheme(graph, network or list(graph.ops))
    return f"float32 front end, {scheme} network" if 0 < len(network) < len(graph.ops) else scheme


def _in_front_end(graph: TfliteGraph, op: TfliteOp) -> bool:
    return layer_name(graph.tensors[op.outputs[0]].name, op.opcode) == FRONT_END


def _network_scheme(graph: TfliteGraph, ops: Sequence[TfliteOp]) -> str:
    """Name by the type of most weights and most values between operators, and say how many layers differ."""
    weights = [graph.tensors[index] for index in _weights(graph, ops).values()]
    numbers: Counter[str] = Counter()
    for tensor in weights:
        numbers[tensor.dtype] += prod(tensor.shape)
    weight = numbers.most_common(1)[0][0] if numbers else "no"
    activation = _activations(graph, ops).most_common(1)[0][0]
    known = {
        ("float32", "float32"): "float32",
        ("float16", "float32"): "float16 weights",
        ("int8", "float32"): "int8 weights, float32 activations",
        ("int8", "int8"): "int8",
        ("int8", "int16"): "int16 activations, int8 weights",
    }
    name = known.get((weight, activation), f"{weight} weights, {activation} activations")
    others = Counter(tensor.dtype for tensor in weights if tensor.dtype != weight)
    return name + "".join(f", {number} of {len(weights)} layers {dtype}" for dtype, number in others.items())
