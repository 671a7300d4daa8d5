"""Noise reduction, gain and logarithm against the formulas in floating point and one frame after the other."""

import numpy as np
import pytest

from tfkws.features.micro.noise import estimates, features, gain, logarithm, shrunk, smoothing


def test_estimates_are_running_means_in_whole_numbers() -> None:
    loud = np.random.default_rng(0).integers(0, 50_000, (3, 30, 40))
    before = np.random.default_rng(1).integers(0, 2**25, (3, 40)).astype(np.uint64)
    found = estimates(loud, before)
    for clip, band in ((0, 0), (1, 17), (2, 39)):
        share, estimate = (983 if band % 2 else 409), int(before[clip, band])
        for frame in range(30):
            estimate = ((int(loud[clip, frame, band]) << 10) * share + estimate * (16_384 - share)) >> 14
            assert int(found[clip, frame, band]) == estimate


def test_bands_are_smoothed_in_turns() -> None:
    np.testing.assert_allclose(smoothing()[:4] / 16_384, [0.025, 0.06, 0.025, 0.06], atol=1e-4)


def test_gain_follows_the_power_law_between_its_nodes() -> None:
    noise = np.unique(np.geomspace(3, 2**31, 4_000).astype(np.uint64))
    exact = np.minimum(2**21 * (noise / 2**7 + 80) ** -0.95, 32_767)
    np.testing.assert_allclose(gain(noise), exact, rtol=0.016, atol=3)  # a parabola from one power of two to the next
    assert abs(int(gain(np.zeros(1, np.uint64))[0]) - 2**21 * 80**-0.95) <= 1


def test_ratios_are_squared_below_two_and_straight_above() -> None:
    ratios = np.array([0.0, 0.5, 1.0, 1.9, 2.0, 3.0, 50.0])
    expected = np.where(ratios < 2, ratios**2 / 4, ratios - 1)
    np.testing.assert_allclose(shrunk((ratios * 4096).astype(np.int64)) / 64, expected, atol=1 / 64)


def test_logarithm_is_the_natural_one_in_64ths() -> None:
    values = np.unique(np.geomspace(1, 2**28, 3_000).astype(np.int64))
    np.testing.assert_allclose(logarithm(values), 64 * np.log(8.0 * values), atol=0.65)
    assert logarithm(np.zeros(1, np.int64)).tolist() == [0]


@pytest.mark.parametrize("noise_share", [0.0, 0.4, 1.0, 3.0])
def test_what_remains_of_the_noise_sets_the_feature(noise_share: float) -> None:
    """The whole chain in floating point, at amplitudes so large that rounding does not matter."""
    loud = np.array([3_000, 20_000, 150_000])
    noise = (noise_share * 1024 * loud).astype(np.uint64)
    remaining = np.maximum(loud - np.minimum(noise / 1024, loud), 0.05 * loud)
    ratio = remaining * np.minimum(2**21 * (noise / 2**7 + 80) ** -0.95, 32_767) / 2**18
    compressed = np.where(ratio < 2, ratio**2 / 4, ratio - 1)
    expected = 64 * np.log(np.maximum(8 * np.floor(64 * compressed), 1))
    np.testing.assert_allclose(features(loud, noise), expected, atol=25 if noise_share >= 1 else 6)
