"""The bookkeeping of a search: order, what is visible, and what a reload brings back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.tuner.history import History, with_known_costs
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord


def open_history(folder: Path, lookahead: int = 3) -> History:
    history = History(Journal(folder / "journal.jsonl"), lookahead)
    history.load()
    return history


def start(history: History, stage: int = 0, count: int = 1) -> None:
    for _ in range(count):
        number = len(history.records)
        history.suggested(TrialRecord(number, stage, {"width": number}))


def finish(history: History, number: int) -> None:
    history.finished(replace(history.running[number], status="completed", metrics={"top1_error": number / 10}))


def test_finished_in_order_of_arrival_then_running_in_order_of_suggestion(tmp_path: Path) -> None:
    history = open_history(tmp_path)
    start(history, count=4)
    finish(history, 2)
    finish(history, 0)
    assert [record.number for record in history.records] == [2, 0, 1, 3]
    assert [record.number for record in history.finished_trials] == [2, 0] and list(history.running) == [1, 3]


def test_a_reload_brings_everything_back_and_the_running_ones_to_be_run_again(tmp_path: Path) -> None:
    history = open_history(tmp_path)
    start(history, count=3)
    finish(history, 1)
    history.measured(0, {"top1_error": 0.5})  # reported, but not finished when the search was killed
    again = open_history(tmp_path)
    assert again.records == history.records
    assert list(again.running) == [0, 2] and again.outcomes == {}


def test_what_is_measured_counts_only_when_the_trial_has_finished(tmp_path: Path) -> None:
    history = open_history(tmp_path)
    start(history)
    history.measured(0, {"top1_error": 0.5}, ((10, 0.6),), stopped_early=True)
    assert history.records == [TrialRecord(0, 0, {"width": 0})]
    outcome = history.outcomes[0]
    assert (outcome.status, outcome.metrics, outcome.curve) == ("stopped", {"top1_error": 0.5}, ((10, 0.6),))
    history.finished(outcome)
    assert history.records == [outcome] and not history.outcomes and not history.running


@pytest.mark.parametrize("lookahead", [0, 1, 3])
def test_a_suggestion_sees_the_results_that_the_lookahead_leaves(lookahead: int, tmp_path: Path) -> None:
    history = open_history(tmp_path, lookahead)
    start(history, count=6)
    for number in (1, 0, 3, 2, 5):
        finish(history, number)
    visible = history.visible(6)
    shown = [record.number for record in visible if record.status != "running"]
    assert shown == [1, 0, 3, 2, 5][: 6 - lookahead]
    assert {record.number for record in visible} == set(range(6))
    assert all(not record.metrics for record in visible if record.status == "running")


def test_all_of_the_earlier_stages_is_visible(tmp_path: Path) -> None:
    history = open_history(tmp_path)
    start(history, 0, 4)
    for number in (3, 1, 0, 2):
        finish(history, number)
    start(history, 1, 2)
    finish(history, 4)
    assert sum(record.status != "running" for record in history.visible(4, stage=1)) == 4
    assert sum(record.status != "running" for record in history.visible(6, stage=1)) == 4
    assert sum(record.status != "running" for record in history.visible(8, stage=1)) == 5
    assert [record.number for record in history.of_stage(1)] == [4, 5]


def test_trials_out_of_turn_are_refused_and_not_written(tmp_path: Path) -> None:
    history = open_history(tmp_path)
    start(history)
    with pytest.raises(ValueError, match="Trial 1 must start next"):
        history.suggested(TrialRecord(0, 0, {"width": 0}))
    with pytest.raises(ValueError, match="Trial 1 must start next"):
        history.suggested(TrialRecord(1, 0, {"width": 0}, "completed"))
    with pytest.raises(ValueError, match="Only a running trial can finish"):
        history.finished(TrialRecord(5, 0, {"width": 0}, "completed"))
    with pytest.raises(ValueError, match="Only a running trial can finish"):
        history.finished(history.running[0])
    assert (tmp_path / "journal.jsonl").read_text().count("\n") == 1


def test_known_costs_are_filled_in_and_reported_ones_are_kept() -> None:
    objectives = (TOP1_ERROR, MACS)
    costs = {"macs": lambda values: 7 * values["width"], "param_count": lambda values: 1}
    error: Any = np.float32(0.5)
    macs: Any = np.int64(5)
    filled = with_known_costs({"top1_error": error}, {"width": 3}, objectives, costs)
    assert filled == {"top1_error": 0.5, "macs": 21.0} and type(filled["top1_error"]) is float
    kept = with_known_costs({"macs": macs}, {"width": 3}, objectives, costs)
    assert kept == {"macs": 5} and type(kept["macs"]) is int
