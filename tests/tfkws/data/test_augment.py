"""Each augmentation by what it must do to a known signal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tfkws.config import AugmentConfig
from tfkws.data import augment
from tfkws.data.augment import WaveformAugmenter, draws_for, mask_maps
from tfkws.errors import ConfigError

OFF = AugmentConfig(shift_ms=0, noise_probability=0, gain_db=0, reverb_probability=0)
CLIPS = np.random.default_rng(0).normal(0, 3000, (50, 16_000)).astype(np.int16)
NUMBERS = np.arange(50)
NOISE = np.random.default_rng(1).normal(0, 0.02, 48_000).astype(np.float32)


def augmented(
    config: AugmentConfig,
    noises: Sequence[np.ndarray] = (),
    responses: Sequence[np.ndarray] = (),
    clips: np.ndarray = CLIPS,
    epoch: int = 0,
) -> np.ndarray:
    augmenter = WaveformAugmenter(config, noises, responses, 16_000)
    return augmenter.augment(clips, draws_for(config, 0, epoch, NUMBERS[: len(clips)]))


def test_everything_off_changes_nothing() -> None:
    np.testing.assert_array_equal(augmented(OFF), CLIPS / np.float32(32768))


def test_shift_moves_the_signal_within_its_bounds() -> None:
    clips = np.zeros((50, 16_000), np.int16)
    clips[:, 8000] = 10_000
    places = augmented(replace(OFF, shift_ms=100), clips=clips).argmax(axis=1) - 8000
    assert np.abs(places).max() <= 1600
    assert places.min() < -1000 and places.max() > 1000 and len(set(places)) > 40


def test_shift_fills_with_zeros() -> None:
    shifted = augmented(replace(OFF, shift_ms=100), clips=np.full((50, 16_000), 1000, np.int16))
    assert {0.0, float(np.float32(1000 / 32768))} == set(np.unique(shifted).tolist())


def test_a_shift_beyond_the_clip_leaves_silence() -> None:
    draws = draws_for(OFF, 0, 0, NUMBERS)
    draws[:, augment.SHIFT] = 0.0
    far = WaveformAugmenter(replace(OFF, shift_ms=2000), (), (), 16_000)
    assert not far.augment(CLIPS, draws).any()


def test_gain_lies_within_its_bounds() -> None:
    gains_db = 20 * np.log10(np.abs(augmented(replace(OFF, gain_db=6))).max(axis=1) / np.abs(CLIPS / 32768).max(axis=1))
    assert -6 <= gains_db.min() < -4 and 4 < gains_db.max() <= 6


@pytest.mark.parametrize("ratio_db", [-5.0, 0.0, 20.0])
def test_noise_has_the_ratio_asked_for(ratio_db: float) -> None:
    config = replace(OFF, noise_probability=1.0, noise_snr_db=(ratio_db, ratio_db))
    speech = (CLIPS // 8) / np.float32(32768)  # quiet, so that nothing is clipped
    added = augmented(config, [NOISE], clips=CLIPS // 8) - speech
    measured = 10 * np.log10((speech**2).mean(axis=1) / (added.astype(float) ** 2).mean(axis=1))
    np.testing.assert_allclose(measured, ratio_db, atol=0.05)


def test_noise_comes_to_the_share_asked_for() -> None:
    clips = np.tile(CLIPS[:1], (2000, 1))
    config = replace(OFF, noise_probability=0.3)
    draws = draws_for(config, 0, 0, np.arange(2000))
    changed = (WaveformAugmenter(config, [NOISE], (), 16_000).augment(clips, draws) != clips / np.float32(32768)).any(1)
    assert changed.mean() == pytest.approx(0.3, abs=0.04)  # four standard errors


def test_digital_silence_stays_silent() -> None:
    config = replace(OFF, noise_probability=1.0)
    assert not augmented(config, [NOISE], clips=np.zeros((3, 16_000), np.int16)).any()


def test_unusable_noises_are_left_out_and_short_ones_repeated() -> None:
    config = replace(OFF, noise_probability=1.0)
    np.testing.assert_array_equal(augmented(config, [np.zeros(20_000, np.float32)]), augmented(OFF))
    assert np.isfinite(augmented(config, [NOISE[:100]])).all()


def test_room_response_is_a_convolution_aligned_and_of_unit_energy() -> None:
    response = np.zeros(3000, np.float32)
    response[[500, 900]] = 0.8, 0.6  # direct sound and one echo 400 samples later; the energy is 1
    wet = augmented(replace(OFF, reverb_probability=1.0), responses=[3 * response], clips=CLIPS // 4)
    dry = (CLIPS // 4) / 32768
    expected = np.zeros_like(dry)
    expected[:, 32:] += 0.8 * dry[:, :-32]  # the response begins 2 ms before its peak
    expected[:, 432:] += 0.6 * dry[:, :-432]
    np.testing.assert_allclose(wet, expected, atol=1e-5)


def test_responses_asked_for_and_missing_are_an_error() -> None:
    with pytest.raises(ConfigError, match="tfkws data rooms"):
        augmented(replace(OFF, reverb_probability=0.1))


def test_loud_results_are_clipped_not_wrapped() -> None:
    loud = augmented(replace(OFF, gain_db=6), clips=np.full((50, 16_000), 30_000, np.int16))
    assert loud.max() == 1.0


def test_two_epochs_differ_and_one_repeats() -> None:
    config = AugmentConfig()
    first, again, second = (augmented(config, [NOISE], epoch=epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != second).any(axis=1).all()


@pytest.mark.parametrize("time_axis", [1, 2])
def test_masks_blank_time_and_rows_separately(time_axis: int) -> None:
    maps = np.random.default_rng(0).normal(size=(200, 40, 40)).astype(np.float32)
    for field, axis in (("time", time_axis), ("frequency", 3 - time_axis)):
        settings: dict[str, Any] = {f"{field}_mask": 6, f"{field}_masks": 1}
        config = replace(OFF, **settings)
        masked = mask_maps(maps.copy(), draws_for(config, 0, 0, np.arange(200)), config, time_axis=time_axis)
        changed = (masked != maps).any(axis=3 - axis)  # which columns (or rows) hold a change
        widths = changed.sum(axis=1)
        assert set(widths.tolist()) == set(range(7))
        whole = (masked != maps).all(axis=3 - axis)
        np.testing.assert_array_equal(whole, changed)
        values = [masked[n][masked[n] != maps[n]] for n in range(200) if widths[n]]
        assert all(np.ptp(value) == 0 for value in values)


def test_masks_wider_than_the_map_are_bounded() -> None:
    config = replace(OFF, time_mask=500, time_masks=2)
    maps = np.ones((20, 10, 49), np.float32)
    assert mask_maps(maps, draws_for(config, 0, 0, np.arange(20)), config, time_axis=2).shape == (20, 10, 49)
