"""Folded normalisations against the normalisation itself."""

import keras
import numpy as np
import pytest

from tfkws.compression.quantization_aware.norm_folding import folded_kernel, partly_folded, shares_of


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("use_bias", [False, True])
def test_folding_equals_convolution_and_normalisation(depthwise: bool, use_bias: bool) -> None:
    kind = (
        keras.layers.DepthwiseConv2D(3, use_bias=use_bias)
        if depthwise
        else keras.layers.Conv2D(5, 3, use_bias=use_bias)
    )
    norm, rng = keras.layers.BatchNormalization(), np.random.default_rng(4)
    maps = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
    norm(kind(maps))
    for weight in (*kind.weights, *norm.weights):
        weight.assign(rng.uniform(0.2, 2.0, weight.shape))
    kernel, bias = folded_kernel(kind, norm)
    apply = keras.ops.depthwise_conv if depthwise else keras.ops.conv
    np.testing.assert_allclose(apply(maps, kernel) + bias, norm(kind(maps), training=False), rtol=1e-5, atol=1e-5)


def test_what_is_folded_in_part_and_what_is_left_make_the_whole() -> None:
    norm, rng = keras.layers.BatchNormalization(), np.random.default_rng(5)
    maps = rng.normal(size=(3, 4, 5, 6)).astype(np.float32)
    norm(maps)
    for weight in norm.weights:
        weight.assign(rng.uniform(0.2, 2.0, weight.shape))
    part = partly_folded(norm)
    np.testing.assert_allclose(
        part.factor * part.gain * (maps + part.moved) + part.offset, norm(maps, training=False), rtol=1e-5, atol=1e-5
    )


def test_a_channel_that_is_scaled_to_nothing_keeps_its_kernel() -> None:
    norm = keras.layers.BatchNormalization()
    norm(np.zeros((1, 2, 2, 2), np.float32))
    norm.gamma.assign([0.0, 2.0])
    norm.beta.assign([3.0, 0.0])
    part = partly_folded(norm)
    assert float(part.gain[0]) == 1.0
    assert float(part.factor[0]) == 0.0
    assert float(part.offset[0]) == 3.0


def test_convolutions_share_by_their_sums_and_evenly_where_those_cancel() -> None:
    first, second = (np.asarray(share) for share in shares_of([np.array([1.0, 2.0]), np.array([3.0, -2.0])]))
    np.testing.assert_allclose(first, [0.25, 0.5])
    np.testing.assert_allclose(second, [0.75, 0.5])
