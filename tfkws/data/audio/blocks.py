"""Audio of any length, rate and channel count, read in blocks as mono of one rate, so that hours take no memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfkws.data.audio.decoder import LARGEST_SAMPLE, SAMPLE_RATE_HZ, open_audio
from tfkws.data.audio.mono_stream import MonoStream
from tfkws.errors import AudioError

BLOCK_S = 60.0
_DIGEST_BYTES = 1 << 20


def audio_blocks(
    path: Path, block_s: float = BLOCK_S, to_hz: int = SAMPLE_RATE_HZ, *, strict: bool = True
) -> Iterator[np.ndarray]:
    """Yield a file as float32 (samples,) in -1..1 at `to_hz`, channels averaged, so many seconds at a time.

    Args:
        strict: whether samples that are no numbers, or far beyond full scale, are refused; they are NaN otherwise.

    Raises:
        AudioError: it cannot be decoded, ends before its header says, or holds what is no audio.
    """
    with open_audio(path) as file:
        rate = file.header.sample_rate_hz
        stream, done = MonoStream(rate, to_hz), 0
        for block in file.blocks(round(block_s * rate)):
            if strict:
                refuse_nonsense(path, block, done / rate, rate)
            done += len(block)
            yield stream.feed(block)
        yield stream.finish()


def refuse_nonsense(path: Path, block: np.ndarray, start_s: float, rate_hz: int) -> None:
    """Refuse what only a damaged header or a bug can make of audio.

    Args:
        block: float (n, channels), at `rate_hz`, whose first sample lies at `start_s` seconds.

    Raises:
        AudioError: a sample is not finite, or far beyond full scale.
    """
    if not np.isfinite(block).all():
        at = start_s + int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0]) / rate_hz
        raise AudioError(f"{path} holds a sample that is not a finite number at {at:.2f} s; write the file again.")
    largest = np.abs(block).max(initial=0)
    if largest > LARGEST_SAMPLE:
        raise AudioError(f"{path} holds samples up to {largest:.3g} where full scale is 1.")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_DIGEST_BYTES):
            digest.update(part)
    return digest.hexdigest()
