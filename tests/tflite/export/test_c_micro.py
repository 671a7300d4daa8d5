"""Tables of microWakeWord's front end for C, beside those that NumPy computes with."""

import numpy as np

from tfkws.features.micro.tables import filters, integer_window
from tfkws.features.micro.transform import _sines
from tfkws.tflite.export.c_micro import band_tables, micro_tables, micro_values


def test_every_number_fits_in_16_bits() -> None:
    tables = micro_tables()
    assert {values.dtype for values in tables.values()} == {np.dtype(np.int16)}
    np.testing.assert_array_equal(tables["kws_window"], integer_window())


def test_filters_stand_at_their_bins() -> None:
    tables, bank = micro_tables(), filters()
    whole = np.zeros((40, 257))
    at = 0
    for band, (first, count) in enumerate(zip(tables["kws_band_first"], tables["kws_band_bins"], strict=True)):
        whole[band, first : first + count] = tables["kws_band_weights"][at : at + count]
        at += count
    np.testing.assert_array_equal(whole[:, bank.first_bin : bank.first_bin + bank.weights.shape[1]], bank.weights)
    assert whole.sum() == bank.weights.sum()


def test_one_circle_holds_the_sines_of_every_pass() -> None:
    tables = micro_tables()
    for width in (4, 16, 64):
        for k in (1, 2, 3):
            real, imaginary = _sines(0.0, k * 2 * np.pi / (4 * width), width)
            turns = k * np.arange(width) * 128 // width
            np.testing.assert_array_equal(tables["kws_cosine"][turns], real[:, 0])
            np.testing.assert_array_equal(tables["kws_sine"][turns], imaginary[:, 0])


def test_a_filter_of_nothing_has_no_bins() -> None:
    tables = band_tables(np.array([[0, 1, 2, 0], [0, 0, 0, 0]]))
    assert tables["kws_band_bins"].tolist() == [2, 0] and tables["kws_band_weights"].tolist() == [1, 2]


def test_shares_are_in_14_bits() -> None:
    values = micro_values()
    shares = {name: values[f"KWS_{name}"] / 2**14 for name in ("EVEN_SMOOTHING", "ODD_SMOOTHING", "LEAST_REMAINING")}
    wanted = {"EVEN_SMOOTHING": 0.025, "ODD_SMOOTHING": 0.06, "LEAST_REMAINING": 0.05}
    assert all(0 <= wanted[name] - share < 2**-14 for name, share in shares.items())
