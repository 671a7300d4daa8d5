"""Medians and ratios of rounds against values worked out by hand."""

import numpy as np
import pytest

from benchmarks.speed.ratios import Spread, ratio, spread


def test_the_interval_of_the_median_is_that_of_order_statistics() -> None:
    values = np.arange(1.0, 10.0)  # of nine draws the 2.5 and 97.5 % ranks of the median are about the 2nd and the 8th
    found = spread(values.tolist())
    assert found.median == 5.0
    assert (found.low, found.high) == pytest.approx((2.5, 7.5), abs=0.6)


def test_what_slows_a_round_down_cancels_out() -> None:
    slowness = np.array([1.0, 3.0, 2.0, 5.0])
    found = ratio((2.0 * slowness).tolist(), to=slowness.tolist())
    assert (found.median, found.low, found.high) == (2.0, 2.0, 2.0)


def test_rounds_are_compared_one_by_one() -> None:
    assert ratio([1.0, 4.0], to=[2.0, 2.0]).median == 1.25


def test_a_spread_as_text() -> None:
    assert Spread(0.0123, 0.011, 0.0144).text(1, 1e3) == "12.3 (11.0 to 14.4)"
