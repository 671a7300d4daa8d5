"""Where operators, roofs and speed-ups are drawn, on a machine of round numbers."""

import numpy as np
import pytest

from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.report.profile_plots import LOWEST, roofline_figure, speedup_figure

LEVELS = (Level("L2", 1024, 100e9, 80e9), Level("memory", None, 5e9, 10e9))
LIMITS = Roofline("2026", "litert", "1", "xnnpack", 1, {"float32": 20e9}, {}, 9e9, 0.02, LEVELS, {})


def test_every_operator_is_a_point_and_none_falls_off_the_axis() -> None:
    (axis,) = roofline_figure(LIMITS, "float32", {"net": [(4.0, 12.0), (0.5, 1e-4)]}).axes
    np.testing.assert_allclose(np.asarray(axis.collections[0].get_offsets()), [[4.0, 12.0], [0.5, LOWEST]])
    low, high = axis.get_ylim()
    assert low < LOWEST and high == pytest.approx(40.0)
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


def test_a_rate_of_zero_is_drawn_at_the_lowest_rate() -> None:
    (axis,) = roofline_figure(LIMITS, "float32", {"net": [(4.0, 12.0), (0.5, 0.0)]}).axes
    np.testing.assert_allclose(np.asarray(axis.collections[0].get_offsets()), [[4.0, 12.0], [0.5, LOWEST]])
    assert axis.get_ylim()[0] == pytest.approx(LOWEST / 2)


def test_slopes_meet_the_flat_roof_at_their_knees() -> None:
    (axis,) = roofline_figure(LIMITS, "float32", {"net": [(4.0, 12.0)]}).axes
    near, far, flat = axis.lines
    for line, gigabytes, knee in ((near, 100.0, 0.2), (far, 10.0, 2.0)):
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        assert (x[1], y[1]) == (pytest.approx(knee), pytest.approx(20.0))
        assert y[0] == pytest.approx(gigabytes * x[0])
    assert np.asarray(flat.get_xdata(), float)[0] == pytest.approx(0.2)
    assert near.get_label() == "L2, 100 GB/s"


def test_speedups_are_drawn_in_the_order_of_macs_with_their_references() -> None:
    (axis,) = speedup_figure({"int8": [("large", 2e6, 1.5), ("small", 1e5, 8.0)]}, {"paper": 4.0}).axes
    points, reference = axis.lines
    assert np.asarray(points.get_xdata()).tolist() == [1e5, 2e6]
    assert np.asarray(points.get_ydata()).tolist() == [8.0, 1.5]
    assert np.asarray(reference.get_ydata()).tolist() == [4.0, 4.0]
    assert [text.get_text() for text in axis.texts] == ["small", "large", "paper"]
