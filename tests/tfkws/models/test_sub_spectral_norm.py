"""Sub-spectral normalisation against plain NumPy."""

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.models.sub_spectral_norm import SubSpectralNormalization, band_sizes


@pytest.mark.parametrize(("rows", "bands", "sizes"), [(20, 5, [4] * 5), (7, 5, [2, 2, 1, 1, 1]), (3, 3, [1, 1, 1])])
def test_bands_differ_by_one_row_at_most(rows: int, bands: int, sizes: list[int]) -> None:
    assert band_sizes(rows, bands) == sizes


def normalised(inputs: np.ndarray, bands: int, epsilon: float) -> np.ndarray:
    """Each band and channel to mean 0 and variance 1."""
    parts = np.split(inputs, np.cumsum(band_sizes(inputs.shape[1], bands))[:-1], axis=1)
    parts = [(p - p.mean((0, 1, 2))) / np.sqrt(p.var((0, 1, 2)) + epsilon) for p in parts]
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("rows", [10, 7])
def test_sub_spectral_norm_normalises_each_band(rows: int) -> None:
    inputs = np.random.default_rng(0).normal(3.0, 2.0, size=(4, rows, 6, 2)).astype(np.float32)
    layer = SubSpectralNormalization(5)
    np.testing.assert_allclose(layer(inputs, training=True), normalised(inputs, 5, layer.epsilon), atol=1e-4)


def test_sub_spectral_norm_uses_running_statistics_at_inference() -> None:
    inputs = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 5, 6, 2)).astype(np.float32)
    layer = SubSpectralNormalization(5, momentum=0.5)
    for _ in range(40):
        layer(inputs, training=True)
    np.testing.assert_allclose(layer(inputs, training=False), normalised(inputs, 5, layer.epsilon), atol=1e-3)


def test_one_band_is_batch_normalisation() -> None:
    inputs = np.random.default_rng(0).normal(3.0, 2.0, size=(4, 6, 5, 3)).astype(np.float32)
    ours, theirs = SubSpectralNormalization(1), keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    np.testing.assert_allclose(ours(inputs, training=True), theirs(inputs, training=True), atol=1e-5)
    np.testing.assert_allclose(ours(inputs), theirs(inputs), atol=1e-5)


def test_config_round_trip() -> None:
    layer = SubSpectralNormalization(4, momentum=0.8, epsilon=1e-3)
    assert SubSpectralNormalization.from_config(layer.get_config()).get_config() == layer.get_config()
