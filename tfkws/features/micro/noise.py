"""From amplitudes to features: noise is taken off, each band's gain is set by its noise, the logarithm is taken.

The noise of a band is a running mean of its amplitudes, a state of the stream: a frame's features depend on all that
was heard before. Gain: Y. Wang et al., "Trainable frontend for robust and far-field keyword spotting", 2017 (PCEN).
"""

import numpy as np

from tfkws.features.micro import settings
from tfkws.features.micro.tables import gain_table, log_table

_UNSIGNED = np.uint64(0xFFFFFFFF)
_LOG_BITS = 16
_LOG_OF_2 = 45_426  # ln(2) in 16 bits
_MOST = 0xFFFF


def smoothing() -> np.ndarray:
    """Return the weight of a new amplitude in each band's running mean, in 14 bits: uint64 (40,)."""
    of = [np.float32(settings.EVEN_SMOOTHING), np.float32(settings.ODD_SMOOTHING)]
    even, odd = (int(share * np.float32(1 << settings.SMOOTHING_BITS)) for share in of)
    return np.where(np.arange(settings.BANDS) % 2 == 0, even, odd).astype(np.uint64)


def estimates(amplitudes: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the running mean of each band at each frame.

    Args:
        amplitudes: int64 (..., frames, 40).
        before: uint64 (..., 40), the mean at the frame before the first; zeros at a start.

    Returns:
        uint64 (..., frames, 40), in 10 bits behind the point.
    """
    new = smoothing()
    old = np.uint64(1 << settings.SMOOTHING_BITS) - new
    added = np.moveaxis(scaled_up(amplitudes) * new, -2, 0)
    found, estimate = np.empty_like(added), before
    for frame, each in enumerate(added):
        estimate = (each + estimate * old) >> np.uint64(settings.SMOOTHING_BITS)
        found[frame] = estimate
    return np.moveaxis(found, 0, -2)


def scaled_up(amplitudes: np.ndarray) -> np.ndarray:
    """Return amplitudes as estimates are kept: uint64, with 10 bits behind the point, within 32 bits."""
    return (amplitudes.astype(np.uint64) << np.uint64(settings.ESTIMATE_BITS)) & _UNSIGNED


def features(amplitudes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the features of amplitudes under their running means.

    Args:
        amplitudes: int64 (..., 40).
        noise: uint64 of the same shape, from `estimates`.

    Returns:
        int64 of the same shape, 0 to 65535: natural logarithms in 64ths.
    """
    return logarithm(shrunk(_above_noise(amplitudes, noise) * gain(noise) >> _ratio_shift()))


def _ratio_shift() -> int:
    return settings.GAIN_BITS - settings.CORRECTION_BITS - settings.RATIO_BITS


def _above_noise(amplitudes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """What remains of amplitudes without their noise, a twentieth at least: int64."""
    scaled = scaled_up(amplitudes)
    remaining = (scaled - np.minimum(noise, scaled)) >> np.uint64(settings.ESTIMATE_BITS)
    least = int(np.float32(settings.LEAST_REMAINING) * np.float32(1 << settings.SMOOTHING_BITS))
    return np.maximum(remaining.astype(np.int64), amplitudes * least >> settings.SMOOTHING_BITS)


def gain(noise: np.ndarray) -> np.ndarray:
    """Return the gain at running means: int64 of uint64 32-bit values, 0 to 32767."""
    mantissas, bits = np.frexp(noise.astype(np.float64))
    begin, slope, bend = (column[bits] for column in gain_table().T)
    part = (mantissas * 2048).astype(np.int64) & 0x3FF
    rise = ((bend * part >> 5) + (slope << 5)) * part
    return begin + ((rise + (1 << 14)) >> 15)


def shrunk(ratios: np.ndarray) -> np.ndarray:
    """Return a fourth of the square of ratios below 2, and the ratio less 1 above; int64.

    Args:
        ratios: int64, 12 bits behind the point; the result has 6.
    """
    ratios = ratios & 0xFFFFFFFF
    below = ratios * ratios >> (2 + 2 * settings.RATIO_BITS - settings.SHRUNK_BITS)
    above = (ratios >> (settings.RATIO_BITS - settings.SHRUNK_BITS)) - (1 << settings.SHRUNK_BITS)
    return np.where(ratios < 2 << settings.RATIO_BITS, below, above)


def logarithm(values: np.ndarray) -> np.ndarray:
    """Return natural logarithms of 8 times `values`, in 64ths, rounded, at most 65535; 0 of 0. int64."""
    values = (values << settings.CORRECTION_BITS) & 0xFFFFFFFF
    mantissas, bits = np.frexp(values.astype(np.float64))
    whole = bits.astype(np.int64) - 1
    part = (mantissas * (2 << _LOG_BITS)).astype(np.int64) & ((1 << _LOG_BITS) - 1)
    segment = part >> (_LOG_BITS - 7)
    table = log_table()
    begin = table[segment]
    fraction = part + begin + ((table[segment + 1] - begin) * (part - (segment << (_LOG_BITS - 7))) >> _LOG_BITS)
    base_2 = (whole << _LOG_BITS) + fraction
    half = 1 << (_LOG_BITS - 1)
    natural = (_LOG_OF_2 * base_2 + half) >> _LOG_BITS
    scaled = ((natural << settings.LOG_SHIFT) + half) >> _LOG_BITS
    return np.where(values > 1, np.minimum(scaled, _MOST), 0)
