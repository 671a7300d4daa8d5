"""Records on their way to keras-tuner's trials and back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
keras_tuner = pytest.importorskip("keras_tuner")

from tfkws.tuner.keras_tuner_trials import (  # noqa: E402
    complete_metrics,
    ended_record,
    read_state,
    to_keras_trial,
    to_keras_trials,
    write_state,
)
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR  # noqa: E402
from tfkws.tuner.records.trials import Status, TrialRecord  # noqa: E402

RUNNING = TrialRecord(3, 1, {"width": 8}, started_from=2)
DONE = TrialRecord(3, 1, {"width": 8}, "completed", {"top1_error": 0.25, "macs": 800}, ((10, 0.5),), started_from=2)


def keras_trial(record: TrialRecord) -> Any:
    return to_keras_trial(record, "03", keras_tuner.HyperParameters(), "top1_error")


@pytest.mark.parametrize(
    ("status", "theirs"),
    [("running", "RUNNING"), ("completed", "COMPLETED"), ("stopped", "COMPLETED"), ("infeasible", "FAILED")],
)
def test_every_status_has_one_of_keras_tuners(status: Status, theirs: str) -> None:
    trial = keras_trial(TrialRecord(3, 0, {"width": 8}, status, reason="why" if status == "infeasible" else ""))
    assert (trial.trial_id, trial.status, trial.hyperparameters.values) == ("03", theirs, {"width": 8})
    assert trial.message == ("why" if status == "infeasible" else None)


def test_a_finished_trial_has_its_metrics_and_its_score() -> None:
    trial = keras_trial(DONE)
    assert trial.score == 0.25 and trial.metrics.get_best_value("macs") == 800
    assert keras_trial(RUNNING).score is None


def test_a_trial_becomes_its_outcome_with_the_values_it_had_in_the_end() -> None:
    trial = keras_trial(DONE)
    trial.hyperparameters.values["late"] = 1
    record = ended_record(trial, RUNNING, DONE, None)
    assert record.values == {"width": 8, "late": 1}
    assert record == replace(DONE, values=record.values)


@pytest.mark.parametrize(
    ("message", "reason"),
    [("Traceback\n  File x\nValueError: no\n", "ValueError: no"), (None, "it failed without a message"), (" \n", "")],
)
def test_a_failed_trial_is_infeasible_whatever_it_reported(message: str | None, reason: str) -> None:
    trial = keras_trial(DONE)
    trial.status = "FAILED"
    trial.message = message
    record = ended_record(trial, RUNNING, DONE, None)
    assert (record.status, record.reason, record.metrics) == ("infeasible", reason, {})


def test_metrics_must_name_every_objective_by_a_finite_number() -> None:
    objectives = (TOP1_ERROR, MACS)
    costs: Any = {"macs": lambda values: 100 * values["width"]}
    assert complete_metrics({"top1_error": 0.5}, {"width": 8}, objectives, costs) == {"top1_error": 0.5, "macs": 800.0}
    with pytest.raises(keras_tuner.errors.FatalValueError, match="must report macs. Received top1_error, loss"):
        complete_metrics({"top1_error": 0.5, "loss": 1.0}, {"width": 8}, objectives, {})
    with pytest.raises(keras_tuner.errors.FailedTrialError, match="top1_error is nan"):
        complete_metrics({"top1_error": float("nan")}, {"width": 8}, objectives, costs)


def test_trials_are_named_by_number_and_keep_their_order() -> None:
    trials = to_keras_trials([DONE, replace(RUNNING, number=11)], 20, keras_tuner.HyperParameters(), "top1_error")
    assert [(name, trial.trial_id, trial.status) for name, trial in trials.items()] == [
        ("03", "03", "COMPLETED"),
        ("11", "11", "RUNNING"),
    ]


def test_seed_and_space_come_back_from_disk_and_stay_as_they_are_without_a_file(tmp_path: Path) -> None:
    space = keras_tuner.HyperParameters()
    assert read_state(tmp_path, 5, space) == (5, space)
    space.Int("width", 1, 9)
    write_state(tmp_path, 0, space)
    seed, again = read_state(tmp_path, 5, keras_tuner.HyperParameters())
    assert (seed, again.get_config()) == (0, space.get_config())
