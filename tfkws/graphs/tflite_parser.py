"""Where a .tflite file is parsed: bytes -> `TfliteGraph`. Nothing is executed and every offset is checked.

Of several subgraphs the first is the main one, and holds the others. Schema: LiteRT's `schema.fbs`.
`tfkws.tflite.file.tflite_file` keeps the graph beside the bytes and edits it.
"""

import re
import struct
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import TfliteFileError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor

IDENTIFIER = b"TFL3"
MAX_TENSOR_BYTES = 1 << 31
MAX_INTEGERS = 16  # axes, shapes, bounds of loops; longer constants of integers are not kept as values
BITS = {
    "FLOAT32": 32, "FLOAT16": 16, "BFLOAT16": 16, "FLOAT64": 64, "INT2": 2, "UINT4": 4, "INT4": 4, "INT8": 8,
    "UINT8": 8, "INT16": 16, "UINT16": 16, "INT32": 32, "UINT32": 32, "INT64": 64, "UINT64": 64, "BOOL": 8,
    "COMPLEX64": 64, "COMPLEX128": 128,
}  # fmt: skip
# What the generated reader raises on damaged content.
DAMAGE = (struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)


def parse_tflite(source: Path | bytes, name: str = "The model") -> TfliteGraph:
    """Parse a .tflite file, or its bytes.

    Args:
        name: of the bytes, for messages.

    Raises:
        TfliteFileError: the file is missing, damaged or not a .tflite file.
    """
    if isinstance(source, Path):
        return parse_tflite(read_file(source), str(source))
    if len(source) < 8 or source[4:8] != IDENTIFIER:
        raise TfliteFileError(f"{name} is not a .tflite file (no TFL3 identifier); convert the model again.")
    try:
        return _GraphReader(source).read()
    except DAMAGE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TfliteFileError(
            f"{name} is a damaged .tflite file ({reason}); copy it again or convert the model again."
        ) from error


def read_file(path: Path) -> bytes:
    """Return the bytes of a .tflite file.

    Raises:
        TfliteFileError: there is no such file.
    """
    if not path.is_file():
        raise TfliteFileError(f"{path} does not exist; give a .tflite file that `tfkws convert` wrote.")
    return path.read_bytes()


class _GraphReader:
    """Walks the flatbuffer; a budget of elements keeps crafted files with overlapping vectors from costing hours."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.budget = len(content)

    def read(self) -> TfliteGraph:
        model = schema.Model.GetRootAs(self.content, 0)
        if self.count(model.SubgraphsLength()) == 0:
            raise ValueError("it has no subgraph")
        codes = [_opcode(model.OperatorCodes(i)) for i in range(self.count(model.OperatorCodesLength()))]
        buffers = [self.data_range(model.Buffers(i)) for i in range(self.count(model.BuffersLength()))]
        graphs = [self.graph(model.Subgraphs(i), codes, buffers) for i in range(model.SubgraphsLength())]
        if not graphs[0].ops:
            raise ValueError("it has no operators")
        if any(not 0 <= number < len(graphs) for graph in graphs for op in graph.ops for number in op.subgraphs):
            raise ValueError("it calls a subgraph that it does not have")
        return replace(graphs[0], others=tuple(graphs[1:]), signatures=self.signatures(model))

    def graph(self, graph: Any, codes: list[str], buffers: list[tuple[int, int]]) -> TfliteGraph:
        tensors = tuple(self.tensor(i, graph.Tensors(i), buffers) for i in range(self.count(graph.TensorsLength())))
        ops = tuple(
            self.operator(i, graph.Operators(i), codes, len(tensors))
            for i in range(self.count(graph.OperatorsLength()))
        )
        inputs = self.indices(graph.InputsLength(), graph.Inputs, len(tensors), lowest=0)
        return TfliteGraph(ops, tensors, inputs, self.indices(graph.OutputsLength(), graph.Outputs, len(tensors), 0))

    def signatures(self, model: Any) -> tuple[str, ...]:
        entries = (model.SignatureDefs(i) for i in range(self.count(model.SignatureDefsLength())))
        return tuple(_text(entry.SignatureKey()) for entry in entries)

    def count(self, length: int) -> int:
        """Pass on the length of a vector if the file can hold that many elements."""
        self.budget -= length
        if self.budget < 0:
            raise ValueError("it states more elements than it can hold")
        return length

    def data_range(self, buffer: Any) -> tuple[int, int]:
        """First and last + 1 byte of a buffer, which may lie behind the flatbuffer; (0, 0) when empty."""
        length = buffer.DataLength()
        if length:
            slot = buffer._tab.Offset(4)
            first = buffer._tab.Vector(slot)
        else:
            first, length = buffer.Offset(), buffer.Size()
            if first <= 1 or length <= 1:  # the schema's marks for "not stored behind the flatbuffer"
                return 0, 0
        if first < 0 or first + length > len(self.content):
            raise ValueError("a constant lies outside of the file")
        return first, first + length

    def tensor(self, index: int, tensor: Any, buffers: list[tuple[int, int]]) -> TfliteTensor:
        shape = tuple(tensor.Shape(i) for i in range(self.count(tensor.ShapeLength())))
        dtype = _TENSOR_TYPES[tensor.Type()]
        size_bytes = -(-prod(shape) * BITS.get(dtype, 8) // 8)
        if len(shape) > 8 or min(shape, default=1) < 0 or size_bytes > MAX_TENSOR_BYTES:
            raise ValueError(f"tensor {index} has the shape {shape[:8]}")
        first, last = buffers[tensor.Buffer()]
        dense = tensor.Sparsity() is None and dtype in BITS
        if last > first and dense and last - first != size_bytes:
            raise ValueError(f"tensor {index} stores {last - first} bytes where its shape needs {size_bytes}")
        scales, zero_points, dimension = self.quantization(tensor.Quantization(), index, shape)
        return TfliteTensor(
            index, _text(tensor.Name()), shape, dtype.lower(), last > first, size_bytes,
            scales, zero_points, dimension, (first, last),
            bool(tensor.IsVariable()), self.open_axes(tensor, len(shape)), self.integers(dtype, first, last, dense),
        )  # fmt: skip

    def open_axes(self, tensor: Any, rank: int) -> tuple[int, ...]:
        length = self.count(tensor.ShapeSignatureLength())
        return tuple(axis for axis in range(min(length, rank)) if tensor.ShapeSignature(axis) < 0)

    def integers(self, dtype: str, first: int, last: int, dense: bool) -> tuple[int, ...]:
        width = BITS[dtype] // 8 if dtype in ("INT32", "INT64") else 0
        if not width or not dense or not width <= last - first <= MAX_INTEGERS * width:
            return ()
        return tuple(np.frombuffer(self.content[first:last], dtype.lower()).tolist())

    def quantization(
        self, parameters: Any, index: int, shape: tuple[int, ...]
    ) -> tuple[tuple[float, ...], tuple[int, ...], int]:
        if parameters is None or parameters.ScaleLength() == 0:
            return (), (), 0
        scales = tuple(parameters.Scale(i) for i in range(self.count(parameters.ScaleLength())))
        zeros = tuple(parameters.ZeroPoint(i) for i in range(self.count(parameters.ZeroPointLength())))
        dimension = parameters.QuantizedDimension()
        fits = len(scales) == 1 or (0 <= dimension < len(shape) and len(scales) == shape[dimension])
        if not fits or len(zeros) not in (0, 1, len(scales)):
            raise ValueError(f"tensor {index} has {len(scales)} scales for the shape {shape}")
        return scales, zeros, dimension

    def operator(self, index: int, op: Any, codes: list[str], tensors: int) -> TfliteOp:
        return TfliteOp(
            index=index,
            opcode=codes[op.OpcodeIndex()],
            inputs=self.indices(op.InputsLength(), op.Inputs, tensors, lowest=-1),
            outputs=self.indices(op.OutputsLength(), op.Outputs, tensors, lowest=0),
            options=_options(op),
        )

    def indices(self, length: int, get: Any, tensors: int, lowest: int) -> tuple[int, ...]:
        found = tuple(get(i) for i in range(self.count(length)))
        if any(not lowest <= i < tensors for i in found):
            raise ValueError("it names a tensor that it does not have")
        return found


def _names(enum: type) -> dict[int, str]:
    return {value: name for name, value in vars(enum).items() if isinstance(value, int)}


_TENSOR_TYPES = _names(schema.TensorType)
_OPERATORS = _names(schema.BuiltinOperator)
BUILTIN_OPERATORS = frozenset(_OPERATORS.values())
_PADDINGS = _names(schema.Padding)
_ACTIVATIONS = _names(schema.ActivationFunctionType)
_PLACEHOLDER = schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES


def _opcode(code: Any) -> str:
    """Name of an operator code; the old one-byte field counts where the new one was left at its default."""
    old, new = code.DeprecatedBuiltinCode(), code.BuiltinCode()
    name = _OPERATORS[new if old == _PLACEHOLDER else max(old, new)]
    return f"CUSTOM:{_text(code.CustomCode())}" if name == "CUSTOM" else name


def _text(name: bytes | None) -> str:
    """A name as text; what is no UTF-8 is kept as marks, since no name decides anything."""
    return (name or b"").decode(errors="replace")


def _options(op: Any) -> dict[str, Any]:
    table, table2 = op.BuiltinOptions(), op.BuiltinOptions2()
    values: dict[str, Any] = {}
    if table is not None and op.BuiltinOptionsType() != 0:
        values |= vars(schema.BuiltinOptionsCreator(op.BuiltinOptionsType(), table))
    if table2 is not None and op.BuiltinOptions2Type() != 0:
        values |= vars(schema.BuiltinOptions2Creator(op.BuiltinOptions2Type(), table2))
    return {_snake(name): _plain(name, value) for name, value in values.items()}


def _plain(name: str, value: Any) -> Any:
    if name == "padding" and isinstance(value, int):
        return _PADDINGS[value].lower()
    if name == "fusedActivationFunction":
        return _ACTIVATIONS[value].lower()
    return tuple(value.tolist()) if hasattr(value, "tolist") else value


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()
