"""Partial folding in its two notations: of a file in NumPy, of the quantisation-aware twin in Keras."""

import numpy as np

from tfkws.compression.quantization_aware import norm_folding
from tfkws.models.sub_spectral_norm import SubSpectralNormalization
from tfkws.tflite.quantize import partial_folding


def test_both_share_what_is_moved_alike(rng: np.random.Generator) -> None:
    sums = rng.normal(size=(3, 40)).astype(np.float32)  # some columns cancel each other, most do not
    expected = partial_folding.shares_of(sums)
    found = np.stack([np.asarray(share) for share in norm_folding.shares_of(list(sums))])
    assert 0 < (expected == np.float32(1 / 3)).all(axis=0).sum() < 40
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_both_find_the_same_gain_and_offset(rng: np.random.Generator) -> None:
    norm = SubSpectralNormalization(2)
    norm.build((None, 4, 5, 3))
    for weight in norm.weights:
        weight.assign(rng.uniform(0.2, 1.5, weight.shape))
    factor, offset = (np.asarray(values) for values in norm_folding.factor_and_offset(norm))
    gain, moved = partial_folding.gain_and_moved(factor, offset, 3)
    twin = norm_folding.partly_folded(norm)
    np.testing.assert_allclose(np.asarray(twin.gain), gain, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(twin.moved), moved, rtol=1e-4, atol=1e-6)
