"""The one place that decodes audio files by libsndfile: block by block, in memory that does not grow with the length.

A WAV is shown to libsndfile with a clean header, made of its own format and the true place of its samples, so that
lengths which a program could not know, joined files and odd chunks are read alike everywhere.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from tfkws.data.audio.wav_header import WavAudio, find_audio, opened
from tfkws.errors import AudioError

SAMPLE_RATE_HZ = 16_000  # of every clip and every network
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 4_000, 384_000
LARGEST_SAMPLE = 16.0  # full scale is 1; more is no audio
# What libsndfile decodes, as people name it; and what it does not, so that it is told instead of passed over.
SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".au", ".caf", ".w64", ".rf64"}
)
OTHER_SUFFIXES = frozenset(
    {".m4a", ".aac", ".mp4", ".wma", ".amr", ".3gp", ".webm", ".mka", ".ape", ".wv", ".alac", ".ac3", ".mpc", ".sph"}
)
_LARGEST_BLOCK = 1 << 22  # numbers in a block, all channels together
_ERRORS = (soundfile.SoundFileError, RuntimeError, ValueError, MemoryError)


@dataclass(frozen=True)
class AudioHeader:
    """What the header of an audio file says: sampling rate in Hz, channels, and samples of each channel.

    `frames` is None where the program that wrote the file did not know it, as in a FLAC from a pipe.
    """

    sample_rate_hz: int
    channels: int
    frames: int | None


class DecodedFile:
    """An audio file that is open: its header, and its samples in order."""

    def __init__(self, path: Path, file: soundfile.SoundFile) -> None:
        self._path, self._file = path, file
        known = 0 <= file.frames < 1 << 62
        self.header = AudioHeader(file.samplerate, file.channels, int(file.frames) if known else None)

    def blocks(self, frames: int) -> Iterator[np.ndarray]:
        """Yield float32 (n, channels), full scale 1, at most `frames` samples of each channel at a time.

        Raises:
            AudioError: it cannot be decoded, or ends before its header says.
        """
        size = max(1, min(frames, _LARGEST_BLOCK // self.header.channels))
        done = 0
        try:
            while len(block := self._file.read(size, dtype="float32", always_2d=True)):
                done += len(block)
                yield block
        except _ERRORS as error:
            raise _undecodable(self._path, error) from None
        announced = self.header.frames
        if announced is not None and done < announced:
            raise AudioError(f"{self._path} is truncated: it announces {announced} samples and holds {done}.")


@contextmanager
def open_audio(path: Path) -> Iterator[DecodedFile]:
    """Open an audio file of any format that libsndfile decodes.

    Yields:
        The open file.

    Raises:
        AudioError: it is missing, no plain file, empty, no audio, truncated, or of a rate that no device has.
    """
    with opened(path) as content:
        audio = find_audio(content, path)
        content.seek(0)
        try:
            file = _InOrder(content if audio is None else _CleanWav(content, audio))
        except _ERRORS as error:
            raise _undecodable(path, error) from None
        with file:
            refuse_rate(path, file.samplerate)
            yield DecodedFile(path, file)


def read_header(path: Path) -> AudioHeader:
    """Read what a file says of itself. Raises as `open_audio`, and for a file without samples."""
    with open_audio(path) as file:
        header = file.header
    if header.frames == 0:
        raise AudioError(f"{path} holds no audio.")
    return header


def audio_seconds(path: Path) -> float:
    """Return the length of a file in seconds, by its header or, where that does not know, by decoding it.

    Raises:
        AudioError: as `read_header`.
    """
    header = read_header(path)
    if header.frames is None:
        with open_audio(path) as file:
            return sum(map(len, file.blocks(_LARGEST_BLOCK))) / header.sample_rate_hz
    return header.frames / header.sample_rate_hz


def refuse_rate(path: Path, rate_hz: int) -> None:
    """Refuse a sampling rate that no device has.

    Raises:
        AudioError: `rate_hz` lies outside 4 to 384 kHz.
    """
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise AudioError(f"{path} has {rate_hz} samples a second; {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} can be used.")


class _InOrder(soundfile.SoundFile):
    """Read from beginning to end without ever seeking, which disturbs MP3 and fails in a FLAC of unknown length."""

    def seekable(self) -> bool:
        return False


class _CleanWav(io.RawIOBase):
    """A WAV file as it should be: a clean header, and the samples of a damaged one behind it."""

    def __init__(self, file: BinaryIO, audio: WavAudio) -> None:
        self._file, self._header, self._start = file, audio.clean_header(), audio.start
        self._size = len(self._header) + audio.length + audio.length % 2
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self._size - self._at))
        part = self._header[self._at : self._at + wanted]
        if len(part) < wanted:
            self._file.seek(self._start + self._at + len(part) - len(self._header))
            part += self._file.read(wanted - len(part))
            part += bytes(len(part) == wanted - 1)  # the byte that makes it even, where it is missing
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def _undecodable(path: Path, error: BaseException) -> AudioError:
    return AudioError(f"{path} is not audio that can be decoded ({error}).")
