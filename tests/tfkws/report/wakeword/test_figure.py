"""The drawn curve is the record's, with the chosen threshold and its intervals where they are."""

from typing import Any

import numpy as np
import pytest
from wakeword_records import counted, made_up_record

from tfkws.report.wakeword.figure import misses_figure


def line(axis: Any, label: str) -> Any:
    return next(each for each in axis.get_lines() if str(each.get_label()).startswith(label))


def test_the_curve_steps_through_the_points_of_the_record() -> None:
    (axis,) = misses_figure(made_up_record()).axes
    curve = axis.get_lines()[0]
    assert np.asarray(curve.get_xdata()).tolist() == [0, 0.5, 2]
    assert np.asarray(curve.get_ydata()).tolist() == pytest.approx([0.2, 0.05, 0])
    assert curve.get_drawstyle() == "steps-post"
    assert axis.get_xlim()[0] < 0 < 2 < axis.get_xlim()[1]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "0.2", "0.5", "1", "2"]


def test_the_chosen_threshold_is_marked_with_both_intervals() -> None:
    (axis,) = misses_figure(made_up_record()).axes
    bars: Any = axis.containers[0]
    assert bars.get_label() == "chosen: threshold 0.812"
    marker, _, ends = bars.lines
    assert (marker.get_xdata()[0], marker.get_ydata()[0]) == (0.5, 0.05)
    spans = [segment.get_segments()[0] for segment in ends]
    found = counted(3, 3)
    assert spans[0][:, 0].tolist() == pytest.approx(found["false_accepts"]["interval"])
    assert spans[1][:, 1].tolist() == pytest.approx(found["missed_interval"])
    assert np.asarray(line(axis, "asked for").get_xdata()).tolist() == [0.5, 0.5]


def test_rates_of_no_use_are_not_drawn() -> None:
    record = made_up_record()
    record["curve"].append({"threshold": 0.1, "false_accepts": 6_000, "misses": 0})
    (axis,) = misses_figure(record).axes
    assert np.asarray(axis.get_lines()[0].get_xdata()).max() == 2
