"""Figures show the numbers that they were given, and are the same bytes each time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tfkws.report.plots import (
    RED,
    bars_figure,
    confusion_figure,
    curve_figure,
    det_figure,
    history_figure,
    layer_error_figure,
    map_figure,
    samples_figure,
    save_png,
    to_svg,
)


def points(line: Any) -> list[tuple[float, float]]:
    """What a line is drawn through."""
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def test_a_confusion_matrix_is_shaded_by_row_and_says_its_counts() -> None:
    (axis,) = confusion_figure([[3, 1], [0, 0]], ["yes", "no"]).axes
    np.testing.assert_allclose(np.asarray(axis.images[0].get_array()), [[0.75, 0.25], [0.0, 0.0]])
    assert [text.get_text() for text in axis.texts] == ["3", "1", "0", "0"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["yes", "no"]


def test_each_row_of_a_map_is_shown_in_its_own_deviations() -> None:
    (axis,) = map_figure([[1.0, 3.0], [100.0, 500.0]], "bands").axes
    np.testing.assert_allclose(np.asarray(axis.images[0].get_array()), [[-1, 1], [-1, 1]], atol=1e-4)
    assert axis.get_ylabel() == "bands"


def test_a_history_is_drawn_against_iterations() -> None:
    rows = [
        {"iteration": i, "loss": 2.0 / i, "validation_loss": 3.0 / i, "validation_accuracy": 0.1 * i} for i in (1, 2, 4)
    ]
    left, right = history_figure(rows).axes
    assert points(left.lines[0]) == [(1, 2.0), (2, 1.0), (4, 0.5)]
    assert points(left.lines[1]) == [(1, 3.0), (2, 1.5), (4, 0.75)]
    assert points(right.lines[0]) == [(1, 0.1), (2, 0.2), (4, 0.4)]


def test_the_first_bad_layer_is_red() -> None:
    layers = [{"index": 2 * i, "name": f"layer{i}", "snr_db": 40.0 - i, "cosine": 1.0} for i in range(3)]
    noise, likeness = layer_error_figure(layers, marked=4).axes
    assert points(noise.lines[0]) == [(0, 40.0), (1, 39.0), (2, 38.0)]
    red = [line for axis in (noise, likeness) for line in axis.lines if line.get_color() == RED]
    assert [points(line) for line in red] == [[(2, 38.0)], [(2, 1.0)]]
    assert not any(line.get_color() == RED for line in layer_error_figure(layers, marked=None).axes[0].lines)


def test_a_det_curve_of_normal_scores_is_a_straight_line(rng: np.random.Generator) -> None:
    thresholds = np.linspace(-1, 3, 50)
    curve = [{"miss_rate": stats.norm.cdf(t, 2), "false_accept_rate": stats.norm.sf(t, 0)} for t in thresholds]
    never = {"miss_rate": 1.0, "false_accept_rate": 0.0}
    (axis,) = det_figure({"int8.tflite": [*curve, never]}).axes
    drawn = np.array(points(axis.lines[0]))
    np.testing.assert_allclose(drawn[:, 1], -2 - drawn[:, 0], atol=1e-9)  # two deviations apart, of equal spread
    assert len(drawn) == len(curve)
    assert [label.get_text() for label in axis.get_xticklabels()][:3] == ["0.1", "1", "5"]


def test_samples_rise_to_one_in_order() -> None:
    (axis,) = samples_figure({"run": [3.0, 1.0, 2.0, 2.0]}).axes
    assert points(axis.lines[0]) == [(1.0, 0.25), (2.0, 0.5), (2.0, 0.75), (3.0, 1.0)]


def test_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, other = (bars_figure(["a", "b"], [1.0, 2.5], "time") for _ in range(2))
    widths = [patch.get_extents().width for patch in one.axes[0].patches]
    assert widths[1] / widths[0] == pytest.approx(2.5)
    svg = to_svg(one)
    assert svg == to_svg(other)
    assert svg.startswith("<svg") and ">time<" in svg
    save_png(one, tmp_path / "bars.png")
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")


def curve_points(utterances: int) -> list[dict[str, Any]]:
    return [
        {"threshold": 0.1 * n, "false_accepts": 40 - 10 * n, "hours": 2.0, "misses": n, "utterances": utterances}
        for n in range(5)
    ]


def test_a_line_a_source_and_never_below_three_events() -> None:
    curves = {"recorded": curve_points(10), "composed": curve_points(0)}
    (axis,) = curve_figure({"bundle": "a.kws", "words": ["happy"], "curves": curves}).axes
    recorded, composed = axis.get_lines()
    assert np.asarray(recorded.get_xdata()).tolist() == [20.0, 15.0, 10.0, 5.0, 1.5]
    assert np.asarray(recorded.get_ydata()).tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert "no words" in str(composed.get_label())
    assert np.asarray(composed.get_ydata()).tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_no_audio_gives_an_empty_figure() -> None:
    assert curve_figure({"bundle": "a.kws", "words": ["happy"], "curves": {}}).axes[0].get_lines() == []
