"""Axes that a pooling averages away, against pooling an array whose values say where they come from."""

import doctest
import itertools

import numpy as np
import pytest

from tfkws.graphs import rewriting
from tfkws.graphs.rewriting import axes_averaged_away

SIZES = (4, 6)
WINDOWS = [(rows, columns) for rows, columns in itertools.product((1, 2, 4), (1, 2, 3, 6))]


def pooled(values: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """Averages of windows side by side."""
    rows, columns = (size // points for size, points in zip(values.shape, window, strict=True))
    return values.reshape(rows, window[0], columns, window[1]).mean(axis=(1, 3))


@pytest.mark.parametrize("window", WINDOWS)
def test_an_average_over_these_axes_is_what_the_pooling_gives(window: tuple[int, int]) -> None:
    values = np.random.default_rng(0).normal(size=SIZES)
    after = pooled(values, window)
    same = [
        axes
        for axes in ((0,), (1,), (0, 1))
        if (mean := values.mean(axis=axes, keepdims=True)).shape == after.shape and np.allclose(mean, after)
    ]
    assert axes_averaged_away(window, SIZES, after.shape) == (same[0] if same else ())


def test_a_window_that_slides_by_less_than_its_width_averages_nothing_away() -> None:
    assert axes_averaged_away((4, 2), (4, 6), (1, 5)) == ()


def test_examples_run() -> None:
    assert doctest.testmod(rewriting) == doctest.TestResults(failed=0, attempted=1)
