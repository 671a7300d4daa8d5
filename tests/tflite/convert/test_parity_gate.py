from typing import Any

import numpy as np
import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.convert.parity_gate import parity_report


def outputs(answers: Any, classes: Any = 3) -> Any:
    return np.eye(classes)[np.asarray(answers)] * 0.8 + 0.1


def test_equal_models_agree_everywhere() -> None:
    reference = outputs([0, 1, 2, 0])
    report = parity_report(reference, reference.copy(), np.array([0, 1, 2, 1]))
    assert (report.agreement, report.difference, report.max_output_error) == (1.0, 0.0, 0.0)
    assert report.reference_accuracy == 0.75
    assert report.passes(0.0)


def test_losses_and_gains_are_counted_clip_by_clip() -> None:
    labels = np.zeros(100, int)
    before = np.zeros(100, int)
    after = np.where(np.arange(100) < 20, 1, 0)
    report = parity_report(outputs(before), outputs(after), labels)
    assert report.agreement == 0.8
    assert report.difference == pytest.approx(-0.2)
    low, high = report.difference_interval
    assert low < -0.2 < high < 0
    assert report.mcnemar_p == pytest.approx(2 * 0.5**20)
    assert report.max_output_error == pytest.approx(0.8)
    assert not report.passes(0.5)
    assert report.passes(25.0)


def test_a_loss_within_noise_passes() -> None:
    """Three lost and two won of 100: a difference of -1 point that a coin could give."""
    labels = np.zeros(100, int)
    before, after = np.zeros(100, int), np.zeros(100, int)
    after[:3] = 1
    before[3:5] = 1
    report = parity_report(outputs(before), outputs(after), labels)
    assert report.difference == pytest.approx(-0.01)
    assert report.passes(0.5)


def test_a_gain_passes() -> None:
    labels = np.ones(50, int)
    assert parity_report(outputs(np.zeros(50, int)), outputs(labels), labels).passes(0.0)


def test_outputs_that_are_no_numbers_fail_even_where_answers_agree() -> None:
    reference = outputs([0, 1])
    candidate = reference.copy()
    candidate[0, 2] = np.nan
    report = parity_report(reference, candidate, np.array([0, 1]))
    assert not report.passes(100.0)
    assert np.isfinite(report.max_output_error)


def test_clips_of_one_speaker_count_as_one() -> None:
    labels = np.zeros(40, int)
    after = np.where(np.arange(40) < 8, 1, 0)
    each = parity_report(outputs(labels), outputs(after), labels)
    by_speaker = parity_report(outputs(labels), outputs(after), labels, np.repeat(["a", "b", "c", "d", "e"], 8))
    width = np.ptp(each.difference_interval), np.ptp(by_speaker.difference_interval)
    assert width[1] > 2 * width[0]


def test_foreign_shapes_are_refused() -> None:
    with pytest.raises(ConversionError, match="same clips"):
        parity_report(outputs([0, 1]), outputs([0]), np.array([0, 1]))
