"""The figure of the curve draws no rate below what the hours allow."""

from typing import Any

import numpy as np
import pytest

from tfkws.report.long_audio_plots import curve_figure


def points(utterances: int) -> list[dict[str, Any]]:
    return [
        {"threshold": 0.1 * n, "false_accepts": 40 - 10 * n, "hours": 2.0, "misses": n, "utterances": utterances}
        for n in range(5)
    ]


def test_a_line_a_source_and_never_below_three_events() -> None:
    curves = {"recorded": points(10), "composed": points(0)}
    (axis,) = curve_figure({"bundle": "a.kws", "words": ["happy"], "curves": curves}).axes
    recorded, composed = axis.get_lines()
    assert np.asarray(recorded.get_xdata()).tolist() == [20.0, 15.0, 10.0, 5.0, 1.5]
    assert np.asarray(recorded.get_ydata()).tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert "no words" in str(composed.get_label())
    assert np.asarray(composed.get_ydata()).tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_no_audio_gives_an_empty_figure() -> None:
    assert curve_figure({"bundle": "a.kws", "words": ["happy"], "curves": {}}).axes[0].get_lines() == []
