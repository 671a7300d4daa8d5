"""Audio of any length, rate and channel count, read in blocks as 16 kHz mono, so that hours take no memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tfkws.data.audio.files import SAMPLE_RATE_HZ, refuse_rate
from tfkws.data.audio.mono_stream import MonoStream
from tfkws.errors import AudioError

BLOCK_S = 60
_DIGEST_BYTES = 1 << 20


@dataclass(frozen=True)
class AudioHeader:
    """What the header of an audio file says: sampling rate in Hz, channels, and samples of each channel."""

    sample_rate_hz: int
    channels: int
    frames: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate_hz


def read_header(path: Path) -> AudioHeader:
    """Read what a file says of itself.

    Raises:
        AudioError: it is missing, empty, no audio, or of a sampling rate that no device has.
    """
    try:
        with soundfile.SoundFile(path) as file:
            header = AudioHeader(file.samplerate, file.channels, file.frames)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        reason = "it does not exist" if not path.exists() else str(error)
        raise AudioError(f"{path} is not audio that can be decoded ({reason}).") from None
    if header.frames == 0:
        raise AudioError(f"{path} holds no audio.")
    refuse_rate(path, header.sample_rate_hz)
    return header


def audio_blocks(path: Path, block_s: int = BLOCK_S) -> Iterator[np.ndarray]:
    """Yield a file as float32 (samples,) in -1..1 at 16 kHz, channels averaged, so many seconds at a time.

    Raises:
        AudioError: it cannot be decoded, ends before its header says, or holds values that are not numbers.
    """
    header = read_header(path)
    stream, done = MonoStream(header.sample_rate_hz, SAMPLE_RATE_HZ), 0
    for block in _decoded(path, block_s * header.sample_rate_hz):
        if not np.isfinite(block).all():
            bad = int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
            at = (done + bad) / header.sample_rate_hz
            raise AudioError(f"{path} holds a sample that is not a finite number at {at:.2f} s; write the file again.")
        done += len(block)
        yield stream.feed(block)
    yield stream.finish()
    if done < header.frames:
        raise AudioError(f"{path} is truncated: it announces {header.frames} samples and holds {done}.")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_DIGEST_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _decoded(path: Path, frames: int) -> Iterator[np.ndarray]:
    try:
        with soundfile.SoundFile(path) as file:
            yield from file.blocks(frames, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise AudioError(f"{path} is not audio that can be decoded ({error}).") from None
