"""A .tflite file as the schema's own objects, to be changed and written again."""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.tflite import IDENTIFIER, read_graph

TYPES = {"float32": schema.TensorType.FLOAT32, "int32": schema.TensorType.INT32}
ALIGNMENT = 16  # bytes; what the schema demands of constants, and vector instructions of some runtimes


def unpack(content: bytes) -> Any:
    """Return a `schema.ModelT`, with constants that lie behind the flatbuffer taken into their buffers.

    Raises:
        TfliteFileError: the file is damaged.
    """
    read_graph(content)  # checks every offset
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for buffer in model.buffers:
        if buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
        buffer.offset = buffer.size = 0
    return model


def pack(model: Any) -> bytes:
    """Write a `schema.ModelT`; equal models give equal bytes."""
    model.buffers = [_aligned(buffer) for buffer in model.buffers]
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def read_constant(model: Any, tensor: int) -> np.ndarray:
    """A float32 constant of the main subgraph, as a copy."""
    stored = model.subgraphs[0].tensors[tensor]
    data = np.asarray(model.buffers[stored.buffer].data, np.uint8)
    return np.frombuffer(data.tobytes(), np.float32).reshape(tuple(stored.shape)).copy()


def write_constant(model: Any, op: int, slot: int, values: np.ndarray) -> None:
    """Give an operator another float32 constant as input number `slot`.

    The converter lets operators share equal constants, so the operator gets a tensor and a buffer of its own.
    """
    operator = model.subgraphs[0].operators[op]
    old = model.subgraphs[0].tensors[operator.inputs[slot]]
    name = old.name.decode() if isinstance(old.name, bytes) else old.name
    operator.inputs = np.array(operator.inputs, np.int32)
    operator.inputs[slot] = add_constant(model, f"{name};{op}.{slot}", np.asarray(values, np.float32))


def add_constant(model: Any, name: str, values: np.ndarray) -> int:
    """Add a constant, float32 or int32, to the main subgraph; returns the number of its tensor."""
    graph, tensor, buffer = model.subgraphs[0], schema.TensorT(), schema.BufferT()
    tensor.name, tensor.type, tensor.buffer = name, TYPES[values.dtype.name], len(model.buffers)
    tensor.shape = np.array(values.shape, np.int32)
    buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
    graph.tensors, model.buffers = [*graph.tensors, tensor], [*model.buffers, buffer]
    return len(graph.tensors) - 1


class _AlignedBuffer(schema.BufferT):
    """A buffer whose data begin at a multiple of 16 bytes; the generated code aligns to 4."""

    def Pack(self, builder: Any) -> Any:  # noqa: N802
        if self.data is not None and len(self.data):
            builder.Prep(ALIGNMENT, len(self.data))
        return super().Pack(builder)


def _aligned(buffer: Any) -> _AlignedBuffer:
    aligned = _AlignedBuffer()
    aligned.data = None if buffer.data is None else np.asarray(buffer.data, np.uint8)
    return aligned
