"""The front of a search: its members, its order, its bounds and its growth."""

from dataclasses import replace
from typing import Any

import pytest

from tfkws.tuner.fronts.front import (
    bounds,
    describe_front,
    front_by_front,
    front_of,
    hypervolume_history,
    network_text,
)
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import Status, TrialRecord, Values


def test_a_network_in_a_line_is_its_text_or_the_values_that_size_its_layers() -> None:

    def text(space: SearchSpace) -> str:
        costs = known_costs(space, (40, 32, 1), 10)
        return network_text(space.values_at([0] * len(space.params)), Problem(space, (TOP1_ERROR, MACS), costs, {}))

    assert text(SPACES["paper-joint"]) == "3x3,10 1x1,10 1x1,10 1x1,10 1x1,10 1x1,10 0.002"
    assert text(SPACES["bc-resnet"]).startswith("stem_m 4, head_m 4, stage1_m 4")


SPACE = SearchSpace("s", "m", (Param("macs", (1_000, 10_000, 100_000)),))
COSTS: Any = {"macs": lambda values: float(values["macs"])}
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), COSTS)


def done(number: int, error: float, macs: float, status: Status = "completed") -> TrialRecord:
    return TrialRecord(number, 0, {"macs": macs}, status, {"top1_error": error, "macs": macs})


RECORDS = [
    done(0, 0.5, 1_000),
    done(1, 0.4, 10_000),
    done(2, 0.6, 10_000),
    done(3, 0.1, 100_000),
    done(4, 0.0, 1_000, "stopped"),
    TrialRecord(5, 0, {"macs": 1_000}),
]


def test_the_front_is_what_no_completed_record_dominates_by_the_last_objective() -> None:
    assert [record.number for record in front_of(RECORDS, PROBLEM)] == [0, 1, 3]
    assert [record.number for record in front_of(RECORDS, replace(PROBLEM, worst=0.45))] == [1, 3]
    assert front_of([], PROBLEM) == []


def test_front_by_front_and_within_one_by_the_first_objective() -> None:
    assert [record.number for record in front_by_front(RECORDS, PROBLEM.objectives)] == [3, 1, 0, 2]
    assert front_by_front([], PROBLEM.objectives) == []


def test_the_bounds_are_fractions_and_the_costs_of_the_extreme_choices() -> None:
    ideal, reference = bounds(PROBLEM, RECORDS)
    assert ideal.tolist() == [0.0, 3.0] and reference.tolist() == [1.0, 5.0]
    assert bounds(replace(PROBLEM, worst=0.5), RECORDS)[1].tolist() == [0.5, 5.0]


def test_the_history_grows_by_the_area_that_each_trial_adds() -> None:
    """By hand: error 0.5 at the least MACs covers half of all; 0.4 adds a tenth by a half; 0.1 is at the end."""
    assert hypervolume_history(RECORDS, PROBLEM) == pytest.approx([0.5, 0.55, 0.55, 0.55, 0.55])


def test_a_member_says_what_it_is_and_where_it_lies() -> None:
    space = SearchSpace("s", "seed_cnn", (Param("m", (4, 8)), Param("train.batch_size", (50,))), {"convs": "3x3,{m}"})
    values: Values = {"m": 8, "train.batch_size": 50}
    record = TrialRecord(7, 1, values, "completed", {"top1_error": 0.25}, started_from=3)
    (row,) = describe_front([record], Problem(space, (TOP1_ERROR,)))
    assert row == {
        "number": 7, "stage": 1, "model": "seed_cnn", "variant": {"convs": "3x3,8"}, "training": {"batch_size": 50},
        "values": values, "network": "3x3,8 50", "folder": "trials/0007", "started_from": 3, "top1_error": 0.25,
    }  # fmt: skip
