"""Audio files and standard input as a signal, block by block, in memory that does not grow with its length."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfkws.config.detector import ListenConfig, RawFormat
from tfkws.data.audio.blocks import audio_blocks
from tfkws.data.audio.mono_stream import MonoStream
from tfkws.errors import AudioError

BLOCK_S = 0.1
_TYPES: dict[RawFormat, str] = {"s16le": "<i2", "s32le": "<i4", "f32le": "<f4"}
_WAV = (b"RIFF", b"RF64", b"BW64")
_LONGEST_HEADER, _FORMAT_BYTES = 1 << 16, 16
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def file_blocks(path: Path, to_hz: int) -> Iterator[np.ndarray]:
    """Yield an audio file of any length, rate and channel count as mono float32 blocks at `to_hz`.

    Raises:
        AudioError: the file does not exist, cannot be decoded, or ends before its header says.
    """
    return audio_blocks(path, BLOCK_S, to_hz, strict=False)


def stream_blocks(stream: BinaryIO, settings: ListenConfig, to_hz: int) -> Iterator[np.ndarray]:
    """Yield what a pipe brings as mono float32 blocks at `to_hz`: a WAV by its header, else raw samples.

    Raises:
        AudioError: the stream is empty, or its WAV header cannot be used.
    """
    first = _exactly(stream, 4)
    if not first:
        raise AudioError("Standard input holds no audio; pipe raw samples or a WAV file into it.")
    if first in _WAV:
        dtype, channels, rate = _wav_header(stream)
        first = b""
    else:
        dtype, channels, rate = _TYPES[settings.raw_format], settings.raw_channels, settings.raw_rate_hz
    yield from _converted(_raw_blocks(stream, first, np.dtype(dtype), channels, rate), rate, to_hz)


def _converted(blocks: Iterator[np.ndarray], rate: int, to_hz: int) -> Iterator[np.ndarray]:
    mono = MonoStream(rate, to_hz)
    for block in blocks:
        yield mono.feed(block)
    yield mono.finish()


def _raw_blocks(
    stream: BinaryIO, first: bytes, dtype: "np.dtype[np.generic]", channels: int, rate: int
) -> Iterator[np.ndarray]:
    """Yield (n, channels) as it arrives; half a frame at the end is dropped."""
    frame = dtype.itemsize * channels
    size = frame * max(1, round(BLOCK_S * rate))
    rest = first
    while chunk := _some(stream, size):
        data = rest + chunk
        whole = len(data) - len(data) % frame
        rest = data[whole:]
        if whole:
            yield np.frombuffer(data[:whole], dtype).reshape(-1, channels)


def _wav_header(stream: BinaryIO) -> tuple[str, int, int]:
    """Read a WAV header up to the first sample; sizes in it are not believed, since a pipe does not know them."""
    header = io.BytesIO(_exactly(stream, 8))
    if header.read(8)[4:] != b"WAVE":
        raise AudioError("Standard input begins like a WAV file and is none; pipe raw samples or a whole WAV file.")
    form: tuple[str, int, int] | None = None
    while True:
        chunk = _exactly(stream, 8)
        size = int.from_bytes(chunk[4:8], "little")
        if chunk[:4] == b"data" and form:
            return form
        body = b"" if size > _LONGEST_HEADER else _exactly(stream, size + size % 2)
        if (
            len(chunk) < 8
            or len(body) < size
            or chunk[:4] == b"data"
            or (chunk[:4] == b"fmt " and size < _FORMAT_BYTES)
        ):
            raise AudioError("The WAV header on standard input is damaged; write the file again.")
        form = _form(body) if chunk[:4] == b"fmt " else form


def _form(body: bytes) -> tuple[str, int, int]:
    """NumPy's name of the sample type, channels and rate that a `fmt ` chunk gives."""
    kind, channels, rate = (int.from_bytes(body[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8)))
    bits = int.from_bytes(body[14:16], "little")
    kind = int.from_bytes(body[24:26], "little") if kind == _EXTENSIBLE else kind
    name = {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"}.get((kind, bits))
    if name is None or not 1 <= channels <= 64:
        raise AudioError(
            f"WAV of {bits} bits (format {kind}) with {channels} channels cannot be read from a pipe; use 16-bit, "
            "32-bit or float samples, or give the file by --wav."
        )
    return name, channels, rate


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end."""
    parts = bytearray()
    while len(parts) < size and (part := stream.read(size - len(parts))):
        parts += part
    return bytes(parts)


def _some(stream: BinaryIO, size: int) -> bytes:
    """Read what is there, at most `size` bytes; wait only while there is nothing."""
    read1 = getattr(stream, "read1", stream.read)
    return bytes(read1(size))
