"""What a .tflite file really holds, read from the file and not from its name."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.cost.tflite_graph import TfliteGraph, read_content, read_graph

# Operators whose first constant input is a weight that multiplies; other constants are shapes, axes and biases.
WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


@dataclass(frozen=True)
class FileContents:
    """What a file holds.

    Attributes:
        scheme: "float32", "float16 weights", "int8 weights, float32 activations", "int8", "int16 activations, int8
            weights" or the types themselves where it is none of these.
        weight_bytes: bytes of convolution and dense weights by type.
        activation_dtypes: types of the values between operators, by number of tensors.
        operators: how many of each.
    """

    scheme: str
    size_bytes: int
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
    graph = read_graph(source)
    weights = weight_bytes_by_dtype(graph)
    activations = Counter(
        graph.tensors[i].dtype for op in graph.ops if op.opcode != "DEQUANTIZE" or not _constant(graph, op.inputs[0])
        for i in op.outputs
    )  # fmt: skip
    first, last = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    return FileContents(
        scheme=_scheme(weights, activations),
        size_bytes=len(read_content(source)[1]),
        input_shape=first.shape[1:],
        input_dtype=first.dtype,
        output_dtype=last.dtype,
        weight_bytes=weights,
        activation_dtypes=dict(activations),
        operators=dict(Counter(op.opcode for op in graph.ops)),
    )


def weight_bytes_by_dtype(graph: TfliteGraph) -> dict[str, int]:
    """Bytes of the weights of convolutions and dense layers, each tensor once, by stored type."""
    stored_as = {op.outputs[0]: op.inputs[0] for op in graph.ops if op.opcode == "DEQUANTIZE"}
    found: dict[int, str] = {}
    for op in graph.ops:
        if op.opcode in WEIGHTED:
            index = stored_as.get(op.inputs[1], op.inputs[1])
            if _constant(graph, index):
                found[index] = graph.tensors[index].dtype
    totals: Counter[str] = Counter()
    for index, dtype in found.items():
        totals[dtype] += graph.tensors[index].size_bytes
    return dict(totals)


def _constant(graph: TfliteGraph, index: int) -> bool:
    return index >= 0 and graph.tensors[index].is_constant


def _scheme(weights: dict[str, int], activations: Counter[str]) -> str:
    """Name the scheme by the type of most weights, and by the types between operators."""
    weight = max(weights, key=lambda dtype: weights[dtype]) if weights else "no"
    activation = activations.most_common(1)[0][0]
    known = {
        ("float32", "float32"): "float32",
        ("float16", "float32"): "float16 weights",
        ("int8", "float32"): "int8 weights, float32 activations",
        ("int8", "int8"): "int8",
        ("int8", "int16"): "int16 activations, int8 weights",
    }
    return known.get((weight, activation), f"{weight} weights, {activation} activations")
