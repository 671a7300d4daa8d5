"""The chunks of a WAV file: a quick way to plain 16 kHz clips, and the check for truncation that libsndfile omits.

Format: Microsoft's RIFF/WAVE (`fmt ` and `data` chunks, little-endian, chunks padded to even lengths).
"""

import struct
from pathlib import Path

import numpy as np

from tfkws.errors import AudioError

_UNKNOWN_BYTES = (0, 0xFFFFFFFF)  # what programs write that stream a WAV into a pipe
_PLAIN_FORMAT = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)  # PCM, mono, 16 kHz, 16 bits


def read_plain_wav(path: Path) -> np.ndarray | None:
    """Return the samples, int16 (n,), of a 16-bit 16 kHz mono WAV; None when the file is of another kind.

    This is five times faster than a decoder, which counts for 100,000 clips.

    Raises:
        AudioError: the file is empty, or a WAV whose header announces more audio than there is.
    """
    content = path.read_bytes()
    if not content:
        raise AudioError(f"{path} is an empty file.")
    chunks = _find_audio(content)
    if chunks is None:
        return None
    fmt, start, length = chunks
    there = len(content) - start
    if length in _UNKNOWN_BYTES:
        return None
    if length > there:
        raise AudioError(f"{path} is truncated: it announces {length} bytes of audio and holds {there}.")
    if fmt[: len(_PLAIN_FORMAT)] != _PLAIN_FORMAT:
        return None
    return np.frombuffer(content, "<i2", count=length // 2, offset=start).astype(np.int16, copy=False)


def _find_audio(content: bytes) -> tuple[bytes, int, int] | None:
    """Return the `fmt ` chunk and (start, length in bytes) of the `data` chunk of a RIFF file."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    fmt, offset = b"", 12
    while offset + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, offset)
        if name == b"data":
            return fmt, offset + 8, length
        if name == b"fmt ":
            fmt = content[offset + 8 : offset + 8 + length]
        offset += 8 + length + length % 2
    return None
