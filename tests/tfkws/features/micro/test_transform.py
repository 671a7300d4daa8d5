"""The fixed-point transform against a Fourier transform in float64, and against KISS FFT's rounding written out."""

import numpy as np
import pytest

from tfkws.features.micro.transform import transform


@pytest.mark.parametrize("loudness", [100, 3_000, 15_000])
def test_is_a_512th_of_the_transform_within_its_rounding(loudness: int) -> None:
    frames = np.random.default_rng(0).integers(-loudness, loudness, (512, 20)).astype(np.int32)
    real, imaginary = transform(frames)
    expected = np.fft.rfft(frames, axis=0) / 512
    assert real.shape == imaginary.shape == (257, 20)
    # Five divisions round by half a step each; a 15-bit one is too small by one part in 32767.
    np.testing.assert_allclose(real, expected.real, atol=3.5)
    np.testing.assert_allclose(imaginary, expected.imag, atol=3.5)


def test_one_tone_stands_in_its_bin() -> None:
    tone = np.round(16_000 * np.cos(2 * np.pi * 37 * np.arange(512) / 512)).astype(np.int32)[:, None]
    real, imaginary = transform(tone)
    assert 7_990 <= int(real[37, 0]) <= 8_000  # 8191 / 32768 is a little less than a fourth, in each pass
    real[37] = 0
    assert np.abs(real).max() <= 3 and np.abs(imaginary).max() <= 3


def test_silence_stays_silent_and_frames_do_not_mix() -> None:
    frames = np.zeros((512, 3), np.int32)
    frames[:, 1] = np.random.default_rng(1).integers(-9_000, 9_000, 512)
    real, imaginary = transform(frames)
    assert not real[:, [0, 2]].any() and not imaginary[:, [0, 2]].any()
    alone = transform(frames[:, 1:2].copy())
    np.testing.assert_array_equal(real[:, 1:2], alone[0])
    np.testing.assert_array_equal(imaginary[:, 1:2], alone[1])
