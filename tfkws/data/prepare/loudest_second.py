"""The loudest second of a recording of any length, found while it is decoded."""

from pathlib import Path

import numpy as np

from tfkws.data.audio.blocks import audio_blocks
from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ, Decoder, read_resampled
from tfkws.errors import AudioError

STEP = SAMPLE_RATE_HZ // 100


class LoudestSecond:
    """Keeps the second with the most energy of what it is fed, found to 10 ms; of equal ones the first.

    Example:
        >>> loudest = LoudestSecond()
        >>> for level in (0.1, 0.1, 0.5, 0.1):
        ...     loudest.feed(np.full(16_000, level, np.float32))
        >>> float(loudest.samples.mean())
        0.5
    """

    def __init__(self) -> None:
        self._best = -1.0
        self._found = np.zeros(0, np.float32)
        self._tail = np.zeros(0, np.float32)  # from the next second that is to be looked at
        self._energy = np.zeros(1)  # up to each sample of the tail, since the beginning

    def feed(self, block: np.ndarray) -> None:
        """Take the next samples, float32 (n,)."""
        squares = np.square(block, dtype=np.float64)
        self._energy = np.concatenate([self._energy[:-1], np.cumsum(np.concatenate([self._energy[-1:], squares]))])
        self._tail = np.concatenate([self._tail, block])
        starts = np.arange(0, len(self._tail) - CLIP_SAMPLES + 1, STEP)
        if len(starts) == 0:
            return
        energies = self._energy[starts + CLIP_SAMPLES] - self._energy[starts]
        loudest = int(np.argmax(energies))
        if energies[loudest] > self._best:
            self._best = float(energies[loudest])
            self._found = self._tail[starts[loudest] :][:CLIP_SAMPLES].copy()
        done = int(starts[-1]) + STEP
        self._tail = self._tail[done:]
        self._energy = self._energy[done:]

    @property
    def samples(self) -> np.ndarray:
        """The loudest second so far, float32 (16000,), or all of a shorter recording."""
        return self._found if self._best >= 0 else self._tail


def loudest_second(samples: np.ndarray) -> np.ndarray:
    """Return the second of float32 (n,) with the most energy, or all of a shorter recording."""
    loudest = LoudestSecond()
    loudest.feed(samples)
    return loudest.samples


def read_loudest_second(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode a recording of any length in blocks, and return its loudest second: float32 (n,) at 16 kHz, n <= 16000.

    Raises:
        AudioError: it holds no audio, or cannot be decoded.
    """
    if decoder != "soundfile":
        return loudest_second(read_resampled(path, decoder))
    loudest = LoudestSecond()
    for block in audio_blocks(path):
        loudest.feed(block)
    if len(loudest.samples) == 0:
        raise AudioError(f"{path} holds no audio.")
    return loudest.samples


def read_whole(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode all of a recording of up to four hours: float32 (n,) at 16 kHz. Raises as `read_resampled`."""
    return read_resampled(path, decoder)
