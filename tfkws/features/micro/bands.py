"""From samples to the amplitude of each band, frame by frame: window, transform, filters, square root."""

from functools import lru_cache

import numpy as np

from tfkws.features.micro import settings
from tfkws.features.micro.tables import filters, integer_window
from tfkws.features.micro.transform import transform

_CHUNK_FRAMES = 256  # their points stay in the second-level cache
_LARGEST_SHORT_ROOT = 0xFFFF  # the source's short way to a root does not round up to 2**16


def amplitudes(frames: np.ndarray) -> np.ndarray:
    """Return the amplitudes of the bands.

    Args:
        frames: int16 (n, 480).

    Returns:
        int64 (n, 40), of 32-bit values.
    """
    found = np.empty((len(frames), settings.BANDS), np.int64)
    for start in range(0, len(frames), _CHUNK_FRAMES):
        chunk = frames[start : start + _CHUNK_FRAMES]
        found[start : start + len(chunk)] = _amplitudes(chunk).T
    return found


def _amplitudes(frames: np.ndarray) -> np.ndarray:
    """int64 (40, n) of int16 (n, 480)."""
    points = np.zeros((settings.FFT_LENGTH, len(frames)), np.int32)
    windowed = points[: settings.WINDOW_SAMPLES]
    windowed[:] = frames.T
    windowed *= _window_column()
    windowed >>= settings.WINDOW_BITS
    shifts = headroom(windowed)
    windowed <<= shifts
    bank = filters()
    bins = slice(bank.first_bin, bank.first_bin + bank.weights.shape[1])
    real, imaginary = (part[bins] for part in transform(points))
    energies = (real * real + imaginary * imaginary).astype(np.float64)
    return rounded_root(bank.weights @ energies) >> shifts


@lru_cache(maxsize=1)
def _window_column() -> np.ndarray:
    return integer_window()[:, None]


def headroom(windowed: np.ndarray) -> np.ndarray:
    """Return by how many bits each frame's samples can be shifted up within 16 bits: int32 (n,) of int32 (480, n)."""
    # In 16 bits -32768 has no positive counterpart, so the source goes by the next loudest sample; so does this.
    loudest = np.maximum(np.abs(windowed.astype(np.int16)).max(axis=0), 0)
    bits = np.frexp(loudest.astype(np.float64))[1]
    return (15 - bits).astype(np.int32)


def rounded_root(values: np.ndarray) -> np.ndarray:
    """Return square roots rounded to whole numbers, int64, of whole numbers below 2**52 in float64.

    Example:
        >>> rounded_root(np.array([0.0, 2.0, 3.0, 2.0**32 - 1, 2.0**32])).tolist()
        [0, 1, 2, 65535, 65536]
    """
    roots = np.floor(np.sqrt(values))
    nearer_above = values - roots * roots > roots
    nearer_above &= (roots != _LARGEST_SHORT_ROOT) | (values >= 2.0**32)
    return (roots + nearer_above).astype(np.int64)
