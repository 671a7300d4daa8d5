"""Amplitudes of bands: their parts against Python's whole numbers, and a tone."""

from math import isqrt

import numpy as np
import pytest

from tfkws.features.micro.bands import amplitudes, headroom, rounded_root
from tfkws.features.micro.tables import filters


def test_roots_are_rounded_to_the_nearest_whole_number() -> None:
    values = np.random.default_rng(0).integers(0, 2**50, 5_000)
    squares = np.arange(1, 3_000) ** 2
    values = np.concatenate([values, squares, squares - 1, squares + np.arange(1, 3_000), np.arange(100)])
    expected = [isqrt(v) + (v - isqrt(v) ** 2 > isqrt(v)) for v in values.tolist()]
    assert rounded_root(values.astype(np.float64)).tolist() == expected


def test_headroom_is_what_the_loudest_sample_leaves() -> None:
    loudest = np.array([0, 1, 2, 255, 256, 16_383, 16_384, 32_767])
    expected = [15 - int(value).bit_length() for value in loudest]
    for sign in (1, -1):
        assert headroom(np.stack([0 * loudest, sign * loudest]).astype(np.int32)).tolist() == expected
    assert headroom(np.array([[-32768], [100]], np.int32)).tolist() == [8]


@pytest.mark.parametrize("hz", [300, 1_000, 3_000, 6_000])
def test_a_tone_is_loudest_in_its_band_and_scales_with_its_amplitude(hz: int) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(480) / 16_000)
    loud, quiet = amplitudes((np.stack([16_000 * tone, 500 * tone])).astype(np.int16))
    weights = filters().weights[:, round(hz / 31.25) - filters().first_bin]
    assert int(loud.argmax()) in np.flatnonzero(weights)
    assert loud.max() / quiet.max() == pytest.approx(32, rel=0.05)


def test_more_frames_than_a_chunk_are_each_their_own() -> None:
    frames = np.random.default_rng(2).integers(-2_000, 2_000, (600, 480)).astype(np.int16)
    np.testing.assert_array_equal(amplitudes(frames)[[0, 255, 256, 599]], amplitudes(frames[[0, 255, 256, 599]]))
