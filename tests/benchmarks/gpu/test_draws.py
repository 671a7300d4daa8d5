"""Batches made on the device: the front end's own maps without augmentation, and what augmentation says with it."""

import numpy as np
import pytest

from benchmarks.gpu.byte_maps import ByteMaps, band_maps, to_bytes
from benchmarks.gpu.draws import at_ratio, make_draw, shifted, to_features, to_powers
from tfkws.config import AugmentConfig, FeatureConfig
from tfkws.features.front_ends import get_front_end
from tfkws.features.mel import tables_of
from tfkws.features.numpy_front_end import extract, fit_normalisation

jax = pytest.importorskip("jax")
STILL = AugmentConfig(shift_ms=0, noise_probability=0, gain_db=0)


def clips(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    loudness = rng.uniform(50, 8_000, (count, 1))
    return np.asarray(rng.normal(0, 1, (count, 16_000)) * loudness, np.int16)


def normalised(name: str, audio: np.ndarray) -> FeatureConfig:
    return fit_normalisation(audio, get_front_end(name))


@pytest.mark.parametrize("name", ["mfcc-40x32", "logmel-32x32"])
def test_features_of_exact_powers_are_the_front_ends(name: str) -> None:
    audio = clips(3)
    features = normalised(name, audio)
    powers = np.exp(band_maps(audio, features)) - tables_of(features).floor
    assert np.asarray(to_features(powers, features))[..., 0] == pytest.approx(extract(audio, features), abs=2e-3)


def test_a_batch_without_augmentation_is_clips_and_their_labels() -> None:
    audio = clips(5)
    features = normalised("logmel-32x32", audio)
    maps = to_bytes(band_maps(audio, features))
    draw = make_draw(maps, np.array([3, 1, 4, 1, 5]), maps, features, STILL, batch=40)
    batch, labels = map(np.asarray, draw(jax.random.PRNGKey(0)))
    assert batch.shape == (40, 32, 32, 1) and set(labels.tolist()) == {1, 3, 4, 5}
    exact = np.asarray(to_features(to_powers(maps.values, maps, features), features))
    for one, label in zip(batch, labels, strict=True):
        nearest = int(np.abs(exact - one).mean((1, 2, 3)).argmin())
        assert one == pytest.approx(exact[nearest], abs=1e-4) and label == [3, 1, 4, 1, 5][nearest]


def test_gain_and_noise_change_a_batch_and_the_key_decides() -> None:
    audio = clips(5)
    features = normalised("logmel-32x32", audio)
    maps = to_bytes(band_maps(audio, features))
    draw = make_draw(maps, np.arange(5), maps, features, AugmentConfig(), batch=8)
    first, again, other = (np.asarray(draw(jax.random.PRNGKey(seed))[0]) for seed in (1, 1, 2))
    assert (first == again).all() and not (first == other).all() and np.isfinite(first).all()


def test_a_shift_moves_columns_and_lets_silence_in() -> None:
    powers = np.arange(2 * 1 * 4, dtype=np.float32).reshape(2, 1, 4) + 1
    moved = np.asarray(shifted(powers, np.array([1, -2])))
    assert moved[0, 0].tolist() == [0, 1, 2, 3]
    assert moved[1, 0].tolist() == [7, 8, 0, 0]


def test_noise_is_added_at_the_ratio_that_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    powers, sound = rng.uniform(0.5, 2, (2, 3, 4, 5)).astype(np.float32)
    added = np.asarray(at_ratio(powers, sound, 10.0))
    assert powers.sum((1, 2)) / added.sum((1, 2)) == pytest.approx(10, rel=1e-4)
    assert np.isfinite(np.asarray(at_ratio(powers, 0 * sound, 10.0))).all()


def test_the_lowest_byte_is_silence() -> None:
    features = get_front_end("logmel-32x32")
    floor = float(np.log(tables_of(features).floor))
    maps = ByteMaps(np.zeros((1, 32, 32), np.uint8), floor, floor + 10)
    assert np.asarray(to_powers(maps.values, maps, features)) == pytest.approx(0, abs=1e-9)
