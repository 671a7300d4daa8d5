"""The constant tables against their formulas."""

import numpy as np

from tfkws.features.micro.tables import filters, gain_table, integer_window, log_table, mel


def test_window_is_hanns_between_its_zeros() -> None:
    window = integer_window()
    exact = 4096 * np.sin(np.pi * (np.arange(480) + 0.5) / 480) ** 2
    assert np.abs(window - exact).max() <= 0.501
    assert window.min() == 0 and window.max() == 4096


def test_filters_are_triangles_whose_neighbours_add_up() -> None:
    bank = filters()
    sums = bank.weights.sum(axis=0)
    centres = mel(125.0) + (mel(7500.0) - mel(125.0)) / 41 * np.arange(1, 41)
    bins = mel(31.25 * (bank.first_bin + np.arange(bank.weights.shape[1])))
    between = (bins > centres[0]) & (bins < centres[-1])
    assert set(np.unique(sums[between])) <= {4096.0, 4097.0}  # two halves may both be rounded up
    for band in (0, 11, 39):
        width = centres[1] - centres[0]
        exact = 4096 * np.clip(1 - np.abs(bins - centres[band]) / width, 0, None)
        np.testing.assert_allclose(bank.weights[band], exact, atol=1.0)
    assert bank.first_bin == 5 and (bank.weights.max(axis=1) > 2_000).all()


def test_gains_follow_the_power_law() -> None:
    table = gain_table()
    for bits in range(2, 33):
        begin = float(1 << (bits - 1))
        exact = 2**21 * (begin / 2**7 + 80) ** -0.95
        assert abs(table[bits, 0] - min(exact, 32_767)) <= 1
        end = 2**21 * (2 * begin / 2**7 + 80) ** -0.95
        assert abs(table[bits].sum() - min(end, 32_767)) <= 2


def test_logarithm_lies_above_its_chord() -> None:
    table = log_table()
    assert table[0] == table[128] == table[129] == 0 and table[1:128].min() > 0
    assert abs(table[64] - 65_536 * (np.log2(1.5) - 0.5)) <= 0.5
