"""What our strategy counts as a gain."""

from dataclasses import replace

import numpy as np
import pytest

from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR, Objective
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace, integer_param
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.gain import STARTUP, Gains, gain_values

SPACE = SearchSpace("two", "m", (integer_param("width", 1, 60), integer_param("depth", 1, 20)))
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": lambda values: float(values["width"]) * float(values["depth"])})

SHARE = Objective("top1_error")  # like an accuracy it does not say that it is a fraction


def error(values: Values) -> float:
    """Falls with the width, and is lowest at a depth of 8."""
    return 0.1 + 0.5 / np.sqrt(float(values["width"])) + 0.002 * (float(values["depth"]) - 8) ** 2


def trained() -> list[TrialRecord]:
    """A grid, so that what lies between is well known."""
    grid = [{"width": width, "depth": depth} for width in (2, 5, 12, 25, 42, 60) for depth in (2, 6, 12, 18)]
    return [
        TrialRecord(i, 0, one, "completed", {"top1_error": error(one), "macs": PROBLEM.cost("macs", one)})
        for i, one in enumerate(grid)
    ]


def gains_of(history: list[TrialRecord], candidates: list[Values], problem: Problem = PROBLEM) -> np.ndarray:
    known = [record for record in history if record.status in ("completed", "stopped")]
    return Gains(history, known, problem).of(candidates)


def test_a_better_depth_at_the_same_cost_gains_more() -> None:
    gains = gains_of(trained(), [{"width": 30, "depth": 8}, {"width": 12, "depth": 20}])
    assert gains[0] > 2 * gains[1] and (gains >= 0).all()


def test_what_is_running_leaves_less_to_gain_beside_it() -> None:
    history, beside = trained(), {"width": 33, "depth": 9}
    running = TrialRecord(len(history), 0, {"width": 32, "depth": 9})
    assert 0 < gains_of([*history, running], [beside])[0] < 0.6 * gains_of(history, [beside])[0]


def test_a_lucky_training_does_not_hide_its_neighbours() -> None:
    history = trained()
    number = next(i for i, record in enumerate(history) if record.values == {"width": 12, "depth": 12})
    lucky = replace(history[number], metrics={**history[number].metrics, "top1_error": 0.02})
    beside: list[Values] = [{"width": 16, "depth": 8}]
    gains = [gains_of([*history[:number], one, *history[number + 1 :]], beside)[0] for one in (lucky, history[number])]
    assert error(beside[0]) > 0.02  # so beside the result itself it would gain nothing
    assert gains[0] > 0.3 * gains[1] > 0


def test_what_is_not_acceptable_gains_nothing_and_is_no_parent_before_others() -> None:
    bounded, history = replace(PROBLEM, worst=0.3), trained()
    gains = Gains(history, history, bounded)
    cheap: list[Values] = [{"width": 1, "depth": 8}]  # has an error of 0.6
    assert gains.of(cheap)[0] < 0.05 * gains_of(history, cheap)[0]
    errors = np.array([error(values) for values in gains.best_first()])
    count = int((errors <= 0.29).sum())
    assert count > 3 and errors[:count].max() < 0.31


def test_an_objective_without_a_known_cost_is_predicted() -> None:
    measured, history = replace(PROBLEM, known_costs={}), trained()
    between: list[Values] = [{"width": 3, "depth": 7}, {"width": 8, "depth": 8}]
    exact = gains_of(history, between)
    assert gains_of(history, between, measured) == pytest.approx(exact, rel=0.2) and (exact > 1e-4).all()


def test_an_accuracy_is_searched_as_well_as_an_error() -> None:
    accuracy = replace(PROBLEM, objectives=(Objective("accuracy", "max"), MACS))
    history = trained()[::2]
    assert len(history) > STARTUP
    mirrored = [replace(r, metrics={**r.metrics, "accuracy": 1 - r.metrics["top1_error"]}) for r in history]
    for seed in range(3):
        asked = [
            gain_values(records, problem, np.random.default_rng(seed))
            for records, problem in ((history, replace(PROBLEM, objectives=(SHARE, MACS))), (mirrored, accuracy))
        ]
        assert asked[0] == asked[1]
