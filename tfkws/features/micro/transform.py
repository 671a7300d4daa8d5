"""The Fourier transform of real frames in 16-bit fixed point, rounded where KISS FFT rounds.

M. Borgerding's KISS FFT (BSD licence) transforms 512 real samples as 256 complex ones in four passes of radix 4; every
pass divides by 4 before it adds, and rounds after every multiplication by a sine table of 15 bits. Arrays lie as
(point, frame), so that all frames are computed at once. The window keeps every sum within 16 bits.
"""

from functools import lru_cache

import numpy as np

from tfkws.features.micro.settings import FFT_LENGTH

_POINTS = FFT_LENGTH // 2
_BITS = 15
_HALF = 1 << (_BITS - 1)
_LARGEST = (1 << _BITS) - 1
_FOURTH = _LARGEST // 4
_SECOND = _LARGEST // 2

Complex = tuple[np.ndarray, np.ndarray]  # real and imaginary parts


def transform(frames: np.ndarray) -> Complex:
    """Transform frames.

    Args:
        frames: int32 (512, n) of 16-bit values, windowed.

    Returns:
        Real and imaginary parts, int32 (257, n) each, 1/512 of the transform's.
    """
    order = _digits_reversed(_POINTS)
    real, imaginary = frames[0::2][order], frames[1::2][order]
    width = 1
    while width < _POINTS:
        real, imaginary = _pass(real, imaginary, width)
        width *= 4
    return _split(real, imaginary)


@lru_cache(maxsize=4)
def _digits_reversed(points: int) -> np.ndarray:
    """Numbers 0 to `points` - 1 with their digits to the base of 4 reversed, int (points,)."""
    if points == 1:
        return np.zeros(1, np.int64)
    smaller = _digits_reversed(points // 4) * 4
    return np.concatenate([smaller + digit for digit in range(4)])


@lru_cache(maxsize=8)
def _sines(first: float, step: float, count: int) -> Complex:
    """exp(-i (first + step k)) for k below `count`, in 15 bits, as columns int32 (count, 1)."""
    angles = -(first + step * np.arange(count, dtype=np.float64))[:, None]
    real, imaginary = (np.floor(0.5 + _LARGEST * part(angles)).astype(np.int32) for part in (np.cos, np.sin))
    return real, imaginary


def _pass(real: np.ndarray, imaginary: np.ndarray, width: int) -> Complex:
    """Join four neighbouring transforms of `width` points to one, everywhere: int32 (256, n) each, before and after."""
    shape = (_POINTS // (4 * width), 4, width, real.shape[1])
    real, imaginary = (_divided(part, _FOURTH).reshape(shape) for part in (real, imaginary))
    turned = [(real[:, k], imaginary[:, k]) for k in range(4)]
    if width > 1:  # the first pass turns by nothing
        turn = 2 * np.pi / (4 * width)
        turned[1:] = [_product(*turned[k], _sines(0.0, k * turn, width)) for k in (1, 2, 3)]
    (r0, i0), (r1, i1), (r2, i2), (r3, i3) = turned
    real_out, imaginary_out = np.empty(shape, np.int32), np.empty(shape, np.int32)
    even_real, even_imaginary = r0 + r2, i0 + i2
    odd_real, odd_imaginary = r1 + r3, i1 + i3
    np.add(even_real, odd_real, out=real_out[:, 0])
    np.add(even_imaginary, odd_imaginary, out=imaginary_out[:, 0])
    np.subtract(even_real, odd_real, out=real_out[:, 2])
    np.subtract(even_imaginary, odd_imaginary, out=imaginary_out[:, 2])
    even_real, even_imaginary = r0 - r2, i0 - i2
    odd_real, odd_imaginary = r1 - r3, i1 - i3
    np.add(even_real, odd_imaginary, out=real_out[:, 1])
    np.subtract(even_imaginary, odd_real, out=imaginary_out[:, 1])
    np.subtract(even_real, odd_imaginary, out=real_out[:, 3])
    np.add(even_imaginary, odd_real, out=imaginary_out[:, 3])
    return real_out.reshape(_POINTS, -1), imaginary_out.reshape(_POINTS, -1)


def _split(real: np.ndarray, imaginary: np.ndarray) -> Complex:
    """Take the transform of 512 real samples out of that of 256 complex ones."""
    real, imaginary = _divided(real, _SECOND), _divided(imaginary, _SECOND)
    half = _POINTS // 2
    mirrored_real, mirrored_imaginary = real[: half - 1 : -1], -imaginary[: half - 1 : -1]  # points 255 to 128
    near_real, near_imaginary = real[1 : half + 1], imaginary[1 : half + 1]
    sum_real, sum_imaginary = near_real + mirrored_real, near_imaginary + mirrored_imaginary
    difference = near_real - mirrored_real, near_imaginary - mirrored_imaginary
    turned_real, turned_imaginary = _product(*difference, _sines(np.pi * (1 / _POINTS + 0.5), np.pi / _POINTS, half))
    real_out, imaginary_out = (np.zeros((_POINTS + 1, real.shape[1]), np.int32) for _ in range(2))
    real_out[0], real_out[_POINTS] = real[0] + imaginary[0], real[0] - imaginary[0]
    # Point 128 belongs to both halves; the second one's stays, as in KISS FFT.
    real_out[1 : half + 1] = (sum_real + turned_real) >> 1
    imaginary_out[1 : half + 1] = (sum_imaginary + turned_imaginary) >> 1
    real_out[_POINTS - 1 : half - 1 : -1] = (sum_real - turned_real) >> 1
    imaginary_out[_POINTS - 1 : half - 1 : -1] = (turned_imaginary - sum_imaginary) >> 1
    return real_out, imaginary_out


def _divided(values: np.ndarray, factor: int) -> np.ndarray:
    """values * factor / 2**15, rounded."""
    scaled = values * np.int32(factor)
    scaled += _HALF
    scaled >>= _BITS
    return scaled


def _product(real: np.ndarray, imaginary: np.ndarray, other: Complex) -> Complex:
    """A complex product / 2**15, rounded."""
    product_real = real * other[0]
    product_real -= imaginary * other[1]
    product_imaginary = real * other[1]
    product_imaginary += imaginary * other[0]
    for part in (product_real, product_imaginary):
        part += _HALF
        part >>= _BITS
    return product_real, product_imaginary
