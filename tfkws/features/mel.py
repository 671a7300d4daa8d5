"""The constant tables of a front end: window, mel filters, cosine transform. Pure formulas.

Mel scale: HTK's, m = 2595 log10(1 + f / 700) (S. Young et al., The HTK Book, section 5.4).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError

FLOOR_RMS = 1e-3  # -60 dBFS
_GROUP_BANDS = 8  # matrix products are fastest in multiples of it


@dataclass(frozen=True)
class FilterGroup:
    """Filters that stand side by side, without the bins in which all of them are zero.

    Each row of its float32 `weights` (2 * bins, bands) stands twice: it multiplies the squares of real and imaginary
    parts, which lie in turns, as in an array of complex numbers. `parts` is where.
    """

    parts: slice
    bands: slice
    weights: np.ndarray


@dataclass(frozen=True)
class Tables:
    """What a front end multiplies with, all float32.

    Attributes:
        window: (window_samples,).
        filters: (bins, bands), from power per bin to power per band.
        groups: the same filters without most of their zeros, a third of the multiplications.
        cosines: (bands, rows), from log power per band to rows; None for log-mel.
        floor: added to the power of each band before the logarithm.
        mean, scale: (rows,), subtracted from and then multiplied with the rows.
    """

    window: np.ndarray
    filters: np.ndarray
    groups: tuple[FilterGroup, ...]
    cosines: np.ndarray | None
    floor: float
    mean: np.ndarray
    scale: np.ndarray


def hz_to_mel(hz: np.ndarray | float) -> np.ndarray:
    """Convert Hz to mel: 0 -> 0, 1000 -> 999.99."""
    return 2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0)


def mel_to_hz(mel: np.ndarray | float) -> np.ndarray:
    """Return the frequency in Hz of a mel value; the inverse of `hz_to_mel`, float64.

    Example:
        >>> float(mel_to_hz(0.0)), round(float(mel_to_hz(2595.0)))
        (0.0, 6300)
    """
    return 700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0)


def hann_window(samples: int) -> np.ndarray:
    """Return the periodic Hann window, float64 (samples,)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)


def mel_filters(config: FeatureConfig) -> np.ndarray:
    """Return triangular filters of height 1, equally wide on the mel scale: float64 (bins, bands)."""
    bins_hz = np.arange(config.fft_length // 2 + 1) * (config.sample_rate_hz / config.fft_length)
    edges_hz = mel_to_hz(np.linspace(hz_to_mel(config.low_hz), hz_to_mel(config.high_hz), config.bands + 2))
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    return np.maximum(0.0, np.minimum(rising, falling))


def cosine_transform(bands: int, rows: int) -> np.ndarray:
    """Return the first `rows` basis vectors of the orthonormal DCT-II: float64 (bands, rows)."""
    angles = np.pi / bands * (np.arange(bands)[:, None] + 0.5) * np.arange(rows)
    return np.cos(angles) * np.where(np.arange(rows) == 0, np.sqrt(1 / bands), np.sqrt(2 / bands))


def filter_groups(filters: np.ndarray) -> tuple[FilterGroup, ...]:
    """Group filters by eight: high bands are wide, low ones narrow.

    Args:
        filters: float32 (bins, bands).
    """
    groups = []
    for first in range(0, filters.shape[1], _GROUP_BANDS):
        bands = slice(first, min(first + _GROUP_BANDS, filters.shape[1]))
        reached = np.flatnonzero(filters[:, bands].any(axis=1))
        bins = slice(int(reached[0]), int(reached[-1]) + 1) if len(reached) else slice(0, 0)
        weights = np.repeat(filters[bins, bands], 2, axis=0)
        groups.append(FilterGroup(slice(2 * bins.start, 2 * bins.stop), bands, weights))
    return tuple(groups)


@lru_cache(maxsize=16)
def tables_of(config: FeatureConfig) -> Tables:
    """Return the tables of a front end, float32; they are computed once.

    Raises:
        ConfigError: it is microWakeWord's, whose tables are whole numbers (`tfkws.features.micro.tables`).
    """
    if config.kind == "micro":
        raise ConfigError(f"{config.name} is computed in whole numbers; take a front end of mfcc or log_mel here.")
    window = hann_window(config.window_samples)
    mean = np.array(config.row_mean or (0.0,) * config.rows, np.float32)
    std = np.array(config.row_std or (1.0,) * config.rows, np.float32)
    filters = mel_filters(config).astype(np.float32)
    return Tables(
        window=window.astype(np.float32),
        filters=filters,
        groups=filter_groups(filters),
        cosines=cosine_transform(config.bands, config.rows).astype(np.float32) if config.kind == "mfcc" else None,
        floor=float(FLOOR_RMS**2 * np.sum(window**2)),
        mean=mean,
        scale=(1 / std).astype(np.float32),
    )
