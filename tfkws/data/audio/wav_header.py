"""The chunks of a WAV file: where its samples lie, whatever its header says of their number.

Formats: Microsoft's RIFF/WAVE (`fmt ` and `data` chunks, little-endian, chunks padded to even lengths), RF64 and BW64
of EBU Tech 3306 (sizes of 64 bits in a `ds64` chunk), and Sony's Wave64 (chunks named by GUIDs, padded to 8 bytes).
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfkws.errors import AudioError

UNKNOWN_FROM = 0x7FFFF000  # programs that write into a pipe announce this or more; SoX, arecord, ffmpeg differ
_PLAIN_FORMAT = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)  # PCM, mono, 16 kHz, 16 bits
_NO_SIZE = 0xFFFFFFFF
_MOST_CHUNKS, _LONGEST_FORMAT = 10_000, 1 << 16
_GUID_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_RIFF64 = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")


@dataclass(frozen=True)
class WavAudio:
    """Where the samples of a WAV file lie.

    Attributes:
        form, fact: content of the `fmt ` chunk and of the `fact` chunk; the latter may be empty.
        start, length: of the samples, in bytes.
    """

    form: bytes
    fact: bytes
    start: int
    length: int

    def is_plain(self) -> bool:
        """Return whether it is 16-bit 16 kHz mono."""
        return self.form[: len(_PLAIN_FORMAT)] == _PLAIN_FORMAT

    def clean_header(self) -> bytes:
        """Return the header that the samples would have had from a program that knew their length."""
        chunks = _chunk(b"fmt ", self.form) + (_chunk(b"fact", self.fact) if self.fact else b"")
        behind_size = 4 + len(chunks) + 8 + self.length
        if behind_size < _NO_SIZE:
            return struct.pack("<4sI4s", b"RIFF", behind_size, b"WAVE") + chunks + _head(b"data", self.length)
        sizes = _chunk(b"ds64", struct.pack("<QQQI", behind_size + 36, self.length, 0, 0))
        return struct.pack("<4sI4s", b"RF64", _NO_SIZE, b"WAVE") + sizes + chunks + _head(b"data", _NO_SIZE)


def read_plain_wav(path: Path, longest: int | None = None) -> np.ndarray | None:
    """Return the samples, int16 (n,), of a 16-bit 16 kHz mono WAV; None when the file is of another kind.

    This is five times faster than a decoder, which counts for 100,000 clips.

    Args:
        longest: no more samples than these are read; None for all.

    Raises:
        AudioError: as `opened` and `find_audio`.
    """
    with opened(path) as file:
        audio = find_audio(file, path)
        if audio is None or not audio.is_plain():
            return None
        count = audio.length // 2 if longest is None else min(audio.length // 2, longest)
        file.seek(audio.start)
        return np.frombuffer(file.read(2 * count), "<i2").astype(np.int16, copy=False)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open an audio file for reading; a pipe or a device is refused, since it need not end.

    Yields:
        The file.

    Raises:
        AudioError: it is missing, no file, or may not be read.
    """
    if not path.is_file():
        reason = "is not a file" if path.exists() else "does not exist"
        raise AudioError(f"{path} {reason}; give an audio file that libsndfile reads, such as WAV or FLAC.")
    try:
        content = path.open("rb")
    except OSError as error:
        raise AudioError(f"{path} cannot be read ({error.strerror}).") from None
    with content:
        yield content


def find_audio(file: BinaryIO, path: Path) -> WavAudio | None:
    """Find the first samples of an open WAV file; None where it is no WAV, or one that a decoder must make sense of.

    A length that programs write who do not know it means the rest of the file: 0 with audio behind it, or at least
    `UNKNOWN_FROM` and more than there is.

    Raises:
        AudioError: the file is empty, or announces more audio than there is.
    """
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise AudioError(f"{path} is an empty file.")
    found = {b"fmt ": b"", b"fact": b"", b"ds64": b""}
    for name, start, length in _chunks(file, size):
        if name == b"data":
            if not found[b"fmt "]:
                return None
            announced = _wide_length(found[b"ds64"]) if length == _NO_SIZE else length
            return WavAudio(found[b"fmt "], found[b"fact"], start, _true_length(file, path, announced, size - start))
        if name in found and length <= _LONGEST_FORMAT:
            file.seek(start)
            found[name] = file.read(length)
    return None


def has_more_audio(path: Path) -> bool:
    """Return whether a WAV file holds audio behind its audio, as two files joined to one do; no program plays it.

    Raises:
        AudioError: as `opened` and `find_audio`.
    """
    with opened(path) as file:
        audio = find_audio(file, path)
        if audio is None:
            return False
        behind = _riff_chunks(file, audio.start + audio.length + audio.length % 2, os.fstat(file.fileno()).st_size)
        return any(name in (b"data", b"RIFF", b"RF64") for name, _, _ in behind)


def _wide_length(sizes: bytes) -> int:
    """Return the length of the samples by a `ds64` chunk; unknown without one."""
    length: int = struct.unpack_from("<Q", sizes, 8)[0] if len(sizes) >= 16 else 0
    return length or _NO_SIZE


def _true_length(file: BinaryIO, path: Path, length: int, there: int) -> int:
    if length == 0 and there and not _only_chunks(file, there):
        return there
    if length <= there:
        return length
    if length >= UNKNOWN_FROM:
        return there
    raise AudioError(f"{path} is truncated: it announces {length} bytes of audio and holds {there}.")


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and length in bytes of each chunk of a WAV file; nothing for another file."""
    file.seek(0)
    head = file.read(40)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        yield from _riff_chunks(file, 12, size)
    elif head[:16] == _RIFF64 and head[24:28] == b"wave":
        yield from _wave64_chunks(file, 40, size)


def _riff_chunks(file: BinaryIO, offset: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_MOST_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8 or offset > size:
            return
        name, length = struct.unpack("<4sI", head)
        yield name, offset + 8, length
        offset += 8 + length + length % 2


def _wave64_chunks(file: BinaryIO, offset: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Lengths of Wave64 count the 24 bytes of the chunk's own head."""
    for _ in range(_MOST_CHUNKS):
        if offset > size:  # a length of 64 bits can point further than a file can be read
            return
        file.seek(offset)
        head = file.read(24)
        if len(head) < 24:
            return
        length = max(struct.unpack_from("<Q", head, 16)[0] - 24, 0)
        yield head[:4] if head[4:16] == _GUID_TAIL else b"", offset + 24, length
        offset += 24 + length + -length % 8


def _only_chunks(file: BinaryIO, there: int) -> bool:
    """Whether chunks with names follow to the very end, so that an announced length of 0 is meant."""
    end = os.fstat(file.fileno()).st_size
    offset = end - there
    for name, start, length in _riff_chunks(file, offset, end):
        if not name.isascii() or not name.decode("ascii", "replace").isprintable() or start + length > end:
            return False
        offset = start + length + length % 2
    return offset >= end


def _head(name: bytes, length: int) -> bytes:
    return struct.pack("<4sI", name, length)


def _chunk(name: bytes, content: bytes) -> bytes:
    return _head(name, len(content)) + content + b"\0" * (len(content) % 2)
