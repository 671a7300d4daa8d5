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


def error(values: Values) -> float:
    """Falls with the width, and is lowest at a depth of 8."""
    return 0.1 + 0.5 / np.sqrt(float(values["width"])) + 0.002 * (float(values["depth"]) - 8) ** 2


def trained(count: int, rng: np.random.Generator, noise: float = 0.0) -> list[TrialRecord]:
    history = []
    for number in range(count):
        values = {"width": int(rng.integers(1, 61)), "depth": int(rng.integers(1, 21))}
        shown = float(error(values) + noise * rng.standard_normal())
        metrics = {"top1_error": shown, "macs": PROBLEM.cost("macs", values)}
        history.append(TrialRecord(number, 0, values, "completed", metrics))
    return history


def gains_of(history: list[TrialRecord], candidates: list[Values], problem: Problem = PROBLEM) -> np.ndarray:
    return Gains(history, [record for record in history if record.status in ("completed", "stopped")], problem).of(
        candidates
    )


def test_a_better_depth_at_the_same_cost_gains_more(rng: np.random.Generator) -> None:
    gains = gains_of(trained(40, rng), [{"width": 30, "depth": 8}, {"width": 12, "depth": 20}])
    assert gains[0] > 2 * gains[1] and (gains >= 0).all()


def test_what_is_running_leaves_less_to_gain_beside_it(rng: np.random.Generator) -> None:
    history, beside = trained(20, rng), {"width": 60, "depth": 8}
    running = TrialRecord(20, 0, {"width": 59, "depth": 8})
    assert gains_of([*history, running], [beside])[0] < 0.6 * gains_of(history, [beside])[0]


def test_a_lucky_training_does_not_hide_its_neighbours(rng: np.random.Generator) -> None:
    history = trained(40, rng, noise=0.01)
    number = next(i for i, record in enumerate(history) if 20 < record.metrics["macs"] < 300)
    at_it = history[number].values
    lucky = replace(history[number], metrics={**history[number].metrics, "top1_error": 0.02})
    cheaper = {**at_it, "depth": 8}
    gain = gains_of([*history[:number], lucky, *history[number + 1 :]], [cheaper])[0]
    assert gain > 0.3 * gains_of(history, [cheaper])[0]


def test_what_is_not_acceptable_gains_nothing_and_is_no_parent_before_others(rng: np.random.Generator) -> None:
    bounded, history = replace(PROBLEM, worst=0.3), trained(40, rng)
    gains = Gains(history, history, bounded)
    assert gains.of([{"width": 1, "depth": 20}])[0] < 1e-4 < gains.of([{"width": 50, "depth": 8}])[0]
    errors = np.array([error(values) for values in gains.best_first()])
    assert errors[: (errors <= 0.29).sum()].max() < 0.31


def test_an_objective_without_a_known_cost_is_predicted(rng: np.random.Generator) -> None:
    measured, history = replace(PROBLEM, known_costs={}), trained(40, rng)
    smallest: list[Values] = [{"width": 1, "depth": 8}]
    exact = gains_of(history, smallest)
    assert gains_of(history, smallest, measured) == pytest.approx(exact, rel=0.1) and exact[0] > 1e-5


def test_an_accuracy_is_searched_as_well_as_an_error(rng: np.random.Generator) -> None:
    accuracy = replace(PROBLEM, objectives=(Objective("accuracy", "max"), MACS))
    history = trained(STARTUP + 5, rng)
    mirrored = [replace(r, metrics={**r.metrics, "accuracy": 1 - r.metrics["top1_error"]}) for r in history]
    for seed in range(3):
        asked = [
            gain_values(records, problem, np.random.default_rng(seed))
            for records, problem in ((history, PROBLEM), (mirrored, accuracy))
        ]
        assert asked[0] == asked[1]
