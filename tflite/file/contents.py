"""What a .tflite file really holds, read from the file and not from its name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from tfkws.cost.report import without_empty
from tfkws.cost.tflite import count_arena, count_graph
from tfkws.graphs.number_schemes import scheme_name
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.tflite.file.metadata import metadata_bytes

SMALL_INTEGERS = {"int4", "int8", "uint8", "int16"}
FRONT_END = "front_end"  # name of the layer in a file that takes audio


@dataclass(frozen=True)
class FileContents:
    """What a file holds.

    Attributes:
        scheme: "float32", "float16 weights", "int8 weights, float32 activations", "int8", "int16 activations,
            int8 weights" or the types themselves where it is none of these; layers that differ are counted,
            and of a file that takes audio the network is named apart from the front end.
        metadata_bytes: of `size_bytes`, what the file says about itself.
        arena_bytes: memory for activations, as `tfkws.cost.activation_memory` plans it.
        macs: multiply-accumulates of one inference, without those of operators that have no counting rule.
        input_shape: of the first input, without the batch.
        output_dtype: of the first output.
        weight_bytes: bytes of convolution and dense weights by type.
        activation_dtypes: types of the values between operators, by number of tensors.
        operators: how many of each, those of called subgraphs too.
        notes: what is to be known of the counts: operators that are not counted, loops, open axes.
    """

    scheme: str
    size_bytes: int
    metadata_bytes: int
    arena_bytes: int
    macs: int
    input_shape: tuple[int, ...]
    input_dtype: str
    output_dtype: str
    weight_bytes: dict[str, int]
    activation_dtypes: dict[str, int]
    operators: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def computes_in_floats(self) -> bool:
        """Whether no weight and no value between operators is rounded to integers of 16 bits or fewer."""
        return not SMALL_INTEGERS & {*self.weight_bytes, *self.activation_dtypes}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; "notes" are left out where there are none."""
        return without_empty(asdict(self), "notes")


def describe(graph: TfliteGraph, content: bytes) -> FileContents:
    """Describe a file from its graph and its bytes; `TfliteFile.contents` keeps the result."""
    cost = count_graph(graph)
    return FileContents(
        scheme=_scheme(graph),
        size_bytes=len(content),
        metadata_bytes=metadata_bytes(content),
        arena_bytes=count_arena(graph),
        macs=cost.macs,
        input_shape=graph.input.example_shape,
        input_dtype=graph.input.dtype,
        output_dtype=graph.output.dtype,
        weight_bytes=weight_bytes_by_dtype(graph),
        activation_dtypes=dict(sum((_activations(part, part.ops) for part in graph.called), Counter[str]())),
        operators=dict(Counter(op.opcode for op in graph.all_ops)),
        notes=cost.notes,
    )


def weight_bytes_by_dtype(graph: TfliteGraph) -> dict[str, int]:
    """Return the bytes of the weights of convolutions and dense layers, each tensor once, by stored type."""
    totals: Counter[str] = Counter()
    weights = [tensor for part in graph.called for tensor in _weights(part, part.ops)]
    for tensor in {tensor.data_range: tensor for tensor in weights}.values():
        totals[tensor.dtype] += tensor.stored_bytes
    return dict(totals)


def _weights(graph: TfliteGraph, ops: Sequence[TfliteOp]) -> list[TfliteTensor]:
    """What is stored as weight of each convolution, dense and recurrent layer."""
    return [tensor for op in ops for tensor in graph.matrices(op)]


def _activations(graph: TfliteGraph, ops: Sequence[TfliteOp]) -> Counter[str]:
    """Types of what operators give, but for constants that are only unpacked."""
    return Counter(graph.tensors[i].dtype for op in ops for i in op.outputs if i not in graph.stored)


def _scheme(graph: TfliteGraph) -> str:
    """Name the scheme of the network, apart from a front end in the same file."""
    network = [op for op in graph.ops if not _in_front_end(graph, op)]
    called = graph.called[1:]
    scheme = _network_scheme(graph, network or list(graph.ops), called)
    return f"float32 front end, {scheme} network" if 0 < len(network) < len(graph.ops) else scheme


def _in_front_end(graph: TfliteGraph, op: TfliteOp) -> bool:
    return graph.layer_name(op) == FRONT_END


def _network_scheme(graph: TfliteGraph, ops: Sequence[TfliteOp], called: Sequence[TfliteGraph]) -> str:
    """Name by the type of most weights and most values between operators, and say how many layers differ.

    Args:
        called: subgraphs whose weights count too.
    """
    weights = [*_weights(graph, ops), *(tensor for part in called for tensor in _weights(part, part.ops))]
    numbers: Counter[str] = Counter()
    for tensor in weights:
        numbers[tensor.dtype] += prod(tensor.shape)
    weight = numbers.most_common(1)[0][0] if numbers else "no"
    activation = next((dtype for dtype, _ in _activations(graph, ops).most_common(1)), "no")
    name = scheme_name(weight, activation)
    others = Counter(tensor.dtype for tensor in weights if tensor.dtype != weight)
    return name + "".join(f", {number} of {len(weights)} layers {dtype}" for dtype, number in others.items())
