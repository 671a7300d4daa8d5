"""The constant tables of the front end, in the float types in which TensorFlow's microfrontend computes them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tfkws.features.micro import settings


def integer_window() -> np.ndarray:
    """Return the Hann window between its zeros, in 12 bits: int32 (480,)."""
    step = float(np.float32(2.0 * np.pi / settings.WINDOW_SAMPLES))
    cosines = np.cos(step * (np.arange(settings.WINDOW_SAMPLES) + 0.5)).astype(np.float32)
    heights = np.float32(0.5) - np.float32(0.5) * cosines
    return np.floor(heights.astype(np.float64) * (1 << settings.WINDOW_BITS) + 0.5).astype(np.int32)


def mel(hz: np.ndarray | float) -> np.ndarray:
    """Convert Hz to mel by 1127 ln(1 + f / 700), float32 throughout: rounded otherwise, four weights move by one."""
    return np.float32(1127) * np.log1p(np.asarray(hz, np.float32) / np.float32(700))


@dataclass(frozen=True)
class Filters:
    """Triangles on the mel scale in 12 bits.

    Attributes:
        first_bin: bins before it are in no filter.
        weights: float64 (40, bins) of whole numbers, so that a matrix product is exact.
    """

    first_bin: int
    weights: np.ndarray


@lru_cache(maxsize=1)
def filters() -> Filters:
    """Return the filters. A bin's weight for the band whose centre follows it and that for the next add up to 4096."""
    hz_a_bin = np.float32(0.5 * settings.SAMPLE_RATE_HZ / (settings.FFT_LENGTH // 2))
    low, high = mel(settings.LOW_HZ), mel(settings.HIGH_HZ)
    spacing = np.float32((high - low) / np.float32(settings.BANDS + 1))
    edges = (low + (spacing * np.arange(settings.BANDS + 2, dtype=np.float32)).astype(np.float32)).astype(np.float32)
    first = int(1.5 + settings.LOW_HZ / hz_a_bin)
    bins = mel(np.arange(settings.FFT_LENGTH // 2 + 1, dtype=np.float32) * hz_a_bin)
    weights = np.zeros((settings.BANDS + 2, len(bins)))
    for number in range(first, len(bins)):
        interval = int(np.searchsorted(edges[1:], bins[number], side="left"))  # its end is not below the bin
        if interval > settings.BANDS:
            break
        share = np.float32((edges[interval + 1] - bins[number]) / (edges[interval + 1] - edges[interval]))
        weights[interval, number] = np.floor(share * (1 << settings.FILTER_BITS) + 0.5)
        weights[interval + 1, number] = np.floor((1.0 - share) * (1 << settings.FILTER_BITS) + 0.5)
    last = int(np.flatnonzero(weights.any(axis=0))[-1]) + 1
    return Filters(first, weights[1:-1, first:last].copy())


@lru_cache(maxsize=1)
def gain_table() -> np.ndarray:
    """Return, for each number of bits 0 to 32 of an estimate, the gain's value and two differences: int64 (33, 3).

    Within the estimates of one length the gain is a parabola through its values at both ends and in the middle.
    """
    table = np.zeros((33, 3), np.int64)
    table[1, 0], table[0, 0] = _gain(1), _gain(0)
    for bits in range(2, 33):
        begin = 1 << (bits - 1)
        end = 2 * begin if bits < 32 else 2 * begin - 1
        value, middle, last = _gain(begin), _gain(begin + begin // 2), _gain(end)
        slope = 4 * (middle - value) - (last - value)
        table[bits] = value, _as_int16(slope), _as_int16(last - value - slope)
    return table


def _gain(estimate: int) -> int:
    """The gain at an estimate of noise, at most 32767."""
    bits = settings.ESTIMATE_BITS - settings.CORRECTION_BITS
    level = np.float32(np.float32(estimate) / np.float32(1 << bits)) + np.float32(settings.GAIN_OFFSET)
    power = np.power(level, np.float32(-settings.GAIN_STRENGTH), dtype=np.float32)
    gain = np.float32(1 << settings.GAIN_BITS) * power
    return 32767 if gain > 32767 else int(gain + np.float32(0.5))


def _as_int16(value: int) -> int:
    return (value + 32768) % 65536 - 32768


@lru_cache(maxsize=1)
def log_table() -> np.ndarray:
    """Return how far the logarithm to the base of 2 lies above its chord, in 16 bits at 128ths: int64 (130,)."""
    steps = np.arange(129) / 128
    above = np.floor((np.log2(1 + steps) - steps) * (1 << 16) + 0.5).astype(np.int64)
    return np.concatenate([above, [0]])
