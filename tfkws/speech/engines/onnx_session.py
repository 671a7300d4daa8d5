"""ONNX networks of voices, on one thread, with one of their inner tensors as a second output.

A network of the kind used here decides first how many frames each phoneme takes. That tensor tells where words begin in
the audio, and the files do not give it out. A field that is appended to a protobuf message is merged into it, so a
second output needs no library to edit the file: ModelProto.graph (7) { GraphProto.output (12) { name (1) } }.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import RuntimeUnavailableError, SynthesisError

_GRAPH, _OUTPUT, _NAME = 7, 12, 1


def with_output(model: bytes, tensor: str) -> bytes:
    """Return an ONNX file whose graph gives out one more tensor."""
    return model + _field(_GRAPH, _field(_OUTPUT, _field(_NAME, tensor.encode())))


@lru_cache(maxsize=2)
def open_session(path: Path, tensor: str) -> Any:
    """Open an ONNX file that also gives out `tensor`; opened once a process.

    Raises:
        RuntimeUnavailableError: onnxruntime is not installed.
        SynthesisError: the file cannot be used.
    """
    try:
        import onnxruntime
    except ImportError:
        raise RuntimeUnavailableError(
            "This voice needs the package onnxruntime; run `pip install 'tfkws[voices]'`."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        model = with_output(path.read_bytes(), tensor)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - onnxruntime has no root of its own
        line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise SynthesisError(f"{path} cannot be opened ({line}); remove it, and run the command again.") from None


def run(session: Any, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return audio and frames of each input token: float32 (samples,) and float32 (tokens,)."""
    audio, frames = session.run(None, inputs)
    return np.asarray(audio, np.float32).reshape(-1), np.asarray(frames, np.float32).reshape(-1)


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field of a protobuf message."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
