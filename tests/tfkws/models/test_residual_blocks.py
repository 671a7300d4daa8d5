"""Inverted residual blocks: which get a shortcut, which expand, and what a gate does."""

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID253
import numpy as np

from tfkws.models.residual_blocks import BlockRow, Style, residual, squeeze_by_conv, stack


def stacked(rows: Sequence[BlockRow], style: Style, channels: int = 4) -> Any:
    inputs = keras.Input((8, 8, channels))
    return keras.Model(inputs, stack(inputs, rows, style))


def has(network: Any, name: str) -> bool:
    return name in [layer.name for layer in network.layers]


def test_only_the_first_block_of_a_row_is_strided_and_only_equal_shapes_are_added() -> None:
    network = stacked([BlockRow(1, 4, 1, 1), BlockRow(2, 6, 2, 2)], Style("relu6"))
    assert network.output_shape == (None, 4, 4, 6)
    adds = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Add)]
    assert adds == ["stage1_block1_add", "stage2_block2_add"]
    assert not has(network, "stage1_block1_expand")  # expansion 1
    assert network.get_layer("stage2_block2_expand").filters == 12


def test_fused_blocks_replace_rows_without_squeeze() -> None:
    rows = [BlockRow(2, 4, 1, 1), BlockRow(2, 4, 1, 1, squeeze=True)]
    network = stacked(rows, Style("silu", squeeze=squeeze_by_conv, fused=True))
    assert network.get_layer("stage1_block1_fused").kernel_size == (3, 3)
    assert not has(network, "stage1_block1_depthwise")
    assert has(network, "stage2_block1_depthwise")
    assert network.get_layer("stage2_block1_squeeze_reduce").filters == 1  # a quarter of the block's four


def test_dropping_grows_linearly_from_zero() -> None:
    network = stacked([BlockRow(1, 4, 4, 1)], Style("relu", drop_connect=0.2))
    rates = {layer.name: layer.rate for layer in network.layers if isinstance(layer, keras.layers.Dropout)}
    expected = {"stage1_block2_drop": 0.05, "stage1_block3_drop": 0.1, "stage1_block4_drop": 0.15}
    assert list(rates) == list(expected)
    np.testing.assert_allclose(list(rates.values()), list(expected.values()))


def test_a_branch_is_dropped_for_whole_examples() -> None:
    inputs = keras.Input((3, 3, 2))
    branch = keras.Input((3, 3, 2))
    network = keras.Model([inputs, branch], residual(inputs, branch, "block", 0.5))
    zeros = np.zeros((64, 3, 3, 2), np.float32)
    added = np.asarray(network([zeros, zeros + 1], training=True)).reshape(64, -1)
    assert (added == added[:, :1]).all()
    assert set(added[:, 0].tolist()) == {0.0, 2.0}  # kept ones are scaled, so that the mean stays
    np.testing.assert_array_equal(network([zeros, zeros + 1], training=False), zeros + 1)


def test_a_gate_weighs_channels_by_their_averages() -> None:
    inputs = keras.Input((2, 2, 8))
    network = keras.Model(inputs, squeeze_by_conv(inputs, "gate", 8))
    values = np.random.default_rng(0).normal(size=(3, 2, 2, 8)).astype(np.float32)
    reduce, restore = ([np.asarray(w) for w in network.get_layer(f"gate_{n}").weights] for n in ("reduce", "restore"))
    hidden = values.mean(axis=(1, 2)) @ reduce[0][0, 0] + reduce[1]
    hidden = hidden / (1 + np.exp(-hidden))
    gate = 1 / (1 + np.exp(-(hidden @ restore[0][0, 0] + restore[1])))
    np.testing.assert_allclose(network(values), values * gate[:, None, None, :], atol=1e-5)
