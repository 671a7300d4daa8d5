"""microWakeWord's front end of a whole clip in Keras operations: in float32 what the fixed-point one computes.

The running mean of a clip's frames is a matrix product, since a clip has a fixed number of them. On an endless stream
it is a state, which no layer can keep: there the device's own front end computes (`tfkws.features.micro.front_end`).
"""

from functools import lru_cache
from typing import Any

import numpy as np
from keras import ops

from tfkws.features.micro import settings
from tfkws.features.micro.noise import smoothing
from tfkws.features.micro.tables import filters, integer_window

Tensor = Any  # of the backend; Keras has no types

_STEP = float(1 << settings.SMOOTHING_BITS)


def micro_rows(frames: Tensor) -> Tensor:
    """Compute rows of the frames of clips.

    Args:
        frames: float32 (b, n, 480), samples in -1..1.

    Returns:
        float32 (b, n, 40). Values are kept whole where the fixed-point front end keeps them whole, but for those of
        its transform.
    """
    loud = _amplitudes(frames)
    noise = _noise(loud)
    remaining = ops.maximum(loud - ops.minimum(noise, loud), settings.LEAST_REMAINING * loud)
    level = noise * float(1 << settings.CORRECTION_BITS) + settings.GAIN_OFFSET
    gain = ops.minimum(ops.exp(-settings.GAIN_STRENGTH * ops.log(level)) * float(1 << settings.GAIN_BITS), 32767.0)
    ratio = ops.floor(remaining) * gain / float(1 << (settings.GAIN_BITS - settings.CORRECTION_BITS))
    unit = float(1 << settings.SHRUNK_BITS)
    shrunk = ops.floor(unit * ops.where(ratio < 2.0, 0.25 * ops.square(ratio), ratio - 1.0))
    scale = settings.SCALE * float(1 << settings.LOG_SHIFT)
    return scale * ops.log(ops.maximum(shrunk * float(1 << settings.CORRECTION_BITS), 1.0))


def _amplitudes(frames: Tensor) -> Tensor:
    """Amplitudes of the bands, (b, n, 40), whole numbers."""
    window = integer_window().astype(np.float32) * np.float32(32768 / (1 << settings.WINDOW_BITS))
    padded = ops.pad(frames * window, ((0, 0), (0, 0), (0, settings.FFT_LENGTH - settings.WINDOW_SAMPLES)))
    real, imaginary = ops.rfft(padded, fft_length=settings.FFT_LENGTH)
    power = ops.square(real) + ops.square(imaginary)
    return ops.floor(ops.sqrt(ops.matmul(power, _weights())))


@lru_cache(maxsize=1)
def _weights() -> np.ndarray:
    """From power per bin to the square of an amplitude, float32 (257, 40)."""
    bank = filters()
    weights = np.zeros((settings.FFT_LENGTH // 2 + 1, settings.BANDS), np.float32)
    weights[bank.first_bin : bank.first_bin + bank.weights.shape[1]] = bank.weights.T / settings.FFT_LENGTH**2
    return weights


def _noise(loud: Tensor) -> Tensor:
    """The running mean of each band at each frame, which began at the band's median, (b, n, 40)."""
    count = int(loud.shape[1])
    by_band = ops.transpose(loud, (0, 2, 1))
    upper = ops.top_k(by_band, count - count // 2)[0]
    median = upper[:, :, -1:]
    even, odd = (by_band @ _means(count, parity)[:count] + median * _means(count, parity)[count:] for parity in (0, 1))
    is_odd = np.arange(settings.BANDS, dtype=np.float32)[:, None] % 2
    return ops.transpose(even * (1.0 - is_odd) + odd * is_odd, (0, 2, 1))


@lru_cache(maxsize=8)
def _means(count: int, parity: int) -> np.ndarray:
    """Weights of frames (and last of the beginning) in the running mean at each frame, float32 (count + 1, count)."""
    new = float(smoothing()[parity]) / _STEP
    age = np.arange(count)[None, :] - np.arange(count)[:, None]
    frames = np.where(age >= 0, new * (1 - new) ** np.maximum(age, 0), 0.0)
    begin = (1 - new) ** (np.arange(count) + 1.0)
    return np.concatenate([frames, begin[None]]).astype(np.float32)
