"""Records of trials: their numbers by name, and what a suggestion sees of them."""

import json
from dataclasses import replace

import pytest

from tfkws.tuner.records.trials import Measurement, TrialRecord, completed, trial_key, visible_history


def running(number: int) -> TrialRecord:
    return TrialRecord(number, 0, {"width": 3})


def finished(number: int) -> TrialRecord:
    return replace(running(number), status="completed", metrics={"top1_error": 0.25}, curve=((10, 0.5),))


def test_visible_history_hides_late_results() -> None:
    history = [finished(2), finished(0), finished(3), running(1), running(4)]
    shown = visible_history(history, 1)
    assert shown == [finished(2), running(0), running(1), running(3), running(4)]
    assert visible_history(history, 9) == history


def test_measurement_names_its_numbers() -> None:
    measurement = Measurement(0.1, 100, 1_000, 10, 2.5, 60)
    assert measurement.metrics["macs"] == 1_000
    assert "latency_us" not in measurement.metrics and "curve" not in measurement.metrics
    # Agresti and Coull: 12 errors of 104.
    assert measurement.metrics["standard_error"] == pytest.approx((12 / 104 * 92 / 104 / 104) ** 0.5)
    assert Measurement(0.0, 100, 1, 1, 1, 1).metrics["standard_error"] > 0


def test_a_record_survives_json() -> None:
    record = replace(finished(4), values={"width": 3, "wide": True}, reason="ä", started_from=2)
    assert TrialRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert record.warm and not finished(4).warm


def test_values_are_the_same_in_any_order_and_only_completed_trials_are_completed() -> None:
    assert trial_key({"a": 1, "b": "x"}) == trial_key({"b": "x", "a": 1}) != trial_key({"a": 1, "b": "y"})
    records = [finished(0), running(1), replace(finished(2), status="stopped"), finished(3)]
    assert [record.number for record in completed(records)] == [0, 3]
