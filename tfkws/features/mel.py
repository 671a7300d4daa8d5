"""The constant tables of a front end: window, mel filters, cosine transform. Pure formulas.

Mel scale: HTK's, m = 2595 log10(1 + f / 700) (S. Young et al., The HTK Book, section 5.4).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tfkws.config import FeatureConfig

FLOOR_RMS = 1e-3  # -60 dBFS


@dataclass(frozen=True)
class FilterBlock:
    """The part of the filters between two bins.

    Its float32 `weights` (bins, bands) are those of the bands that reach there.
    """

    bins: slice
    bands: slice
    weights: np.ndarray


@dataclass(frozen=True)
class Tables:
    """What a front end multiplies with, all float32.

    Attributes:
        window: (window_samples,).
        filters: (bins, bands), from power per bin to power per band.
        blocks: the same filters without most of their zeros, a third of the multiplications.
        cosines: (bands, rows), from log power per band to rows; None for log-mel.
        floor: added to the power of each band before the logarithm.
        mean, scale: (rows,), subtracted from and then multiplied with the rows.
    """

    window: np.ndarray
    filters: np.ndarray
    blocks: tuple[FilterBlock, ...]
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


def filter_blocks(filters: np.ndarray) -> tuple[FilterBlock, ...]:
    """Cut filters at an eighth, a quarter and half of the bins: high bands are wide, low ones narrow.

    Args:
        filters: shape (bins, bands).

    Returns:
        Four blocks that leave out bands which are zero in them.
    """
    edges = (0, *(len(filters) >> shift for shift in (3, 2, 1)), len(filters))
    blocks = []
    for low, high in zip(edges, edges[1:], strict=False):
        reached = np.flatnonzero(filters[low:high].any(axis=0))
        bands = slice(int(reached[0]), int(reached[-1]) + 1) if len(reached) else slice(0, 0)
        blocks.append(FilterBlock(slice(low, high), bands, np.ascontiguousarray(filters[low:high, bands])))
    return tuple(blocks)


@lru_cache(maxsize=16)
def tables_of(config: FeatureConfig) -> Tables:
    """Return the tables of a front end, float32; they are computed once."""
    window = hann_window(config.window_samples)
    mean = np.array(config.row_mean or (0.0,) * config.rows, np.float32)
    std = np.array(config.row_std or (1.0,) * config.rows, np.float32)
    filters = mel_filters(config).astype(np.float32)
    return Tables(
        window=window.astype(np.float32),
        filters=filters,
        blocks=filter_blocks(filters),
        cosines=cosine_transform(config.bands, config.rows).astype(np.float32) if config.kind == "mfcc" else None,
        floor=float(FLOOR_RMS**2 * np.sum(window**2)),
        mean=mean,
        scale=(1 / std).astype(np.float32),
    )
