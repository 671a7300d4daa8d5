"""The progress of a search: counts, the time that is left, and the file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_trainings import SPACE, toy_macs

from tfkws.config import SearchConfig
from tfkws.errors import SearchError
from tfkws.result_files import FRONT
from tfkws.run_folder import write_json
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.progress import read_status, split_stages, summarise
from tfkws.tuner.records.trials import Status, TrialRecord

CONFIG = SearchConfig("toy", (3, 2), 100, 300)
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})


def record(number: int, stage: int, status: Status, error: float = 0.5, seconds: float = 10.0) -> TrialRecord:
    values = {"width": 1 + number, "depth": 2, "kernel": 3}
    metrics = {"top1_error": error, "macs": toy_macs(values), "seconds": seconds}
    measured = status in ("completed", "stopped")
    return TrialRecord(number, stage, values, status, metrics if measured else {})


RECORDS = [
    record(0, 0, "completed", 0.5),
    record(1, 0, "completed", 0.4, 20.0),
    record(2, 0, "infeasible"),
    record(3, 1, "running"),
]


def test_counts_front_and_what_is_planned() -> None:
    status = summarise(RECORDS, CONFIG, PROBLEM, 1)
    assert (status.completed, status.stopped, status.infeasible, status.running) == (2, 0, 1, 1)
    assert status.finished == 3 and not status.fine_tuned
    assert status.searched_front == [0, 1] and status.planned == 5 + 2
    assert status.hypervolume == status.hypervolume_history[-1] and len(status.hypervolume_history) == 3


@pytest.mark.parametrize(
    ("limits", "best"),
    [
        ({"max_macs": 1e9}, 1),
        ({"max_macs": 1e9, "max_kib": 60.0}, 0),
        ({"max_kib": 59.9}, None),
        ({"max_kib": 70.0, "max_p95_us": 900.0}, 0),
        ({"max_kib": 70.0, "max_arena_kib": 5.0}, None),
    ],
)
def test_the_best_under_budget_has_the_lowest_error_within_all_limits(limits: dict[str, Any], best: int | None) -> None:
    """Trial 1 is the more accurate one, but larger and slower; the arena was never measured."""
    measured = ({"file_kib": 60.0, "latency_p95_us": 900.0}, {"file_kib": 62.8, "latency_p95_us": 950.0})
    two = [replace(r, metrics={**r.metrics, **m}) for r, m in zip(RECORDS[:2], measured, strict=True)]
    status = summarise(two, replace(CONFIG, **limits), PROBLEM, 1)
    assert [member["number"] for member in status.members] == [0, 1]
    assert (status.best_under_budget, status.to_dict()["best_under_budget"]) == (best, best)


def test_without_limits_nothing_is_said_of_a_budget() -> None:
    assert not {"limits", "best_under_budget"} & summarise(RECORDS, CONFIG, PROBLEM, 1).to_dict().keys()


def test_the_time_left_counts_searched_and_longer_fine_tuned_trials_for_each_worker() -> None:
    """Two to search and two to fine-tune three times as long, at 15 s each."""
    assert summarise(RECORDS, CONFIG, PROBLEM, 1).seconds_left == pytest.approx((2 + 2 * 3) * 15)
    assert summarise(RECORDS, CONFIG, PROBLEM, 4).seconds_left == pytest.approx((2 + 2 * 3) * 15 / 4)
    assert summarise(RECORDS[3:], CONFIG, PROBLEM, 1).seconds_left is None


def test_members_are_the_fine_tuned_ones_as_soon_as_there_are_some() -> None:
    tuned = replace(record(1, 2, "completed", 0.3), number=5)
    searched, fine_tuned = split_stages([*RECORDS, tuned], CONFIG)
    assert searched == RECORDS and fine_tuned == [tuned]
    status = summarise([*RECORDS, tuned], CONFIG, PROBLEM, 1)
    assert status.fine_tuned and [member["number"] for member in status.members] == [5]
    assert status.searched_front == [0, 1]


def test_it_survives_its_file(tmp_path: Path) -> None:
    status = summarise(RECORDS, CONFIG, PROBLEM, 1)
    write_json(tmp_path / FRONT, status.to_dict())
    assert read_status(tmp_path) == status
    with pytest.raises(SearchError, match="holds no search"):
        read_status(tmp_path / "other")


@pytest.mark.parametrize("change", [{"objectives": None}, {"objectives": 3}, {"objectives": [1]}, {"strange": 1}])
def test_a_damaged_front_is_one_sentence(change: dict[str, Any], tmp_path: Path) -> None:
    write_json(tmp_path / FRONT, {"objectives": ["a"]} | change)
    with pytest.raises(SearchError, match="is damaged .*; run the search again"):
        read_status(tmp_path)
