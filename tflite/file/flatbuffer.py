"""A .tflite file as the schema's own objects, to be changed and written again: bytes <-> `schema.ModelT`."""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.tflite_parser import IDENTIFIER

ALIGNMENT = 16  # bytes; what the schema demands of constants, and vector instructions of some runtimes


def unpack(content: bytes) -> Any:
    """Return a `schema.ModelT`, with constants that lie behind the flatbuffer copied into their buffers.

    Args:
        content: bytes of a file whose offsets were checked, as `tfkws.graphs.tflite_parser` does.
    """
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
