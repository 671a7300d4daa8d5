"""Early stopping: never what might reach the front at its cost, and often what cannot."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tfkws.tuner.early_stopping import MIN_CURVES, NEVER_STOPPED, error_at, make_rule
from tfkws.tuner.problem.objectives import LATENCY_US, MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import Curve, TrialRecord

CLIPS, TOTAL = 1_000, 1_000
COSTS: Any = {"macs": lambda values: values["macs"]}
SPACE = SearchSpace("s", "m", (integer_param("macs", 0, 30_000, 500),))


def problem(objectives: Any = (TOP1_ERROR, MACS), worst: float | None = None) -> Problem:
    return Problem(SPACE, objectives, COSTS, worst=worst)


def curve(final: float, rng: np.random.Generator, points: int = 10) -> Curve:
    """A learning curve with a speed of its own and counting noise, that ends at `final` but for the noise."""
    speed = rng.uniform(2.0, 5.0)
    done = np.arange(1, points + 1) / points
    expected = final + (0.8 - final) * (np.exp(-speed * done) - np.exp(-speed)) / (1 - np.exp(-speed))
    errors = rng.binomial(CLIPS, np.clip(expected, 0, 1)) / CLIPS
    return tuple((round(TOTAL * d), float(e)) for d, e in zip(done, errors, strict=True))


def record(number: int, macs: float, final: float, rng: np.random.Generator) -> TrialRecord:
    points = curve(final, rng)
    error = min(e for _, e in points)
    metrics = {"top1_error": error, "macs": macs, "standard_error": (error * (1 - error) / CLIPS) ** 0.5}
    return TrialRecord(number, 0, {"macs": macs}, "completed", metrics, points)


def history(rng: np.random.Generator, size: int = 20) -> list[TrialRecord]:
    """Front from (1000, 0.5) to (20000, 0.1)."""
    return [record(i, 1_000 * (i + 1), 0.5 - 0.4 * i / (size - 1), rng) for i in range(size)]


def rule(records: list[TrialRecord], macs: float, number: int = 1, objectives: Any = (TOP1_ERROR, MACS)) -> Any:
    return make_rule(records, {"macs": macs}, number, TOTAL, problem(objectives))


def stopped_at(points: Curve, a_rule: Any) -> int | None:
    for i in range(1, len(points) + 1):
        if a_rule.verdict(points[:i], CLIPS).stop:
            return points[i - 1][0]
    return None


def test_the_rival_is_the_best_of_at_most_the_same_cost(rng: np.random.Generator) -> None:
    records = history(rng)
    for macs in (1_000, 5_500, 20_000, 1e9):
        cheaper = [r.metrics["top1_error"] for r in records if r.metrics["macs"] <= macs]
        assert rule(records, macs).rival.error == min(cheaper)


def test_no_rule_where_stopping_would_be_wrong(rng: np.random.Generator) -> None:
    records = history(rng)
    assert rule(records, 999) is None  # cheaper than everything: on the front whatever its error
    assert rule(records, 5_000, number=NEVER_STOPPED) is None
    assert rule(records[: MIN_CURVES - 1], 5_000) is None
    assert rule(records, 5_000, objectives=(TOP1_ERROR, MACS, LATENCY_US)) is None  # latency is not known yet
    assert make_rule(records, {"macs": 5_000}, 1, 2 * TOTAL, problem()) is None  # another length


def test_a_hopeless_trial_is_stopped_and_its_end_foretold(rng: np.random.Generator) -> None:
    a_rule = rule(history(rng), 20_000)
    points = curve(0.6, rng)
    end = stopped_at(points, a_rule)
    assert end is not None and end < TOTAL
    assert a_rule.verdict(points[:5], CLIPS).expected_error < points[4][1]


def test_a_trial_that_beats_its_rival_is_hardly_ever_stopped() -> None:
    """Of 400 candidates that are truly better than the front, by a little, at most 1 in 100 is lost."""
    lost = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        records = history(rng)
        place = int(rng.integers(1, 20))
        better = 0.5 - 0.4 * place / 19 - 0.01
        lost += stopped_at(curve(better, rng), rule(records, 1_000 * (place + 1))) is not None
    assert lost <= 4


def test_a_trial_that_cannot_become_interesting_is_stopped_whatever_its_cost(rng: np.random.Generator) -> None:
    records = history(rng)
    cheapest = make_rule(records, {"macs": 500}, 1, TOTAL, problem(worst=0.2))
    assert rule(records, 500) is None and cheapest is not None
    assert stopped_at(curve(0.6, rng), cheapest) is not None
    assert stopped_at(curve(0.15, rng), cheapest) is None
    rival = make_rule(records, {"macs": 20_000}, 1, TOTAL, problem(worst=0.2))
    assert rival is not None and rival.rival.error == pytest.approx(0.1, abs=0.03)  # the front is better than that


def test_most_of_the_training_of_bad_trials_is_saved() -> None:
    saved = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        end = stopped_at(curve(0.5, rng), rule(history(rng), 20_000))
        saved.append(1 - (end or TOTAL) / TOTAL)
    assert np.mean(saved) > 0.4


def test_lowest_error_so_far_is_read_between_validations() -> None:
    points = ((10, 0.5), (20, 0.7), (30, 0.3))
    assert [error_at(points, i) for i in (5, 10, 20, 25, 30, 40)] == pytest.approx([0.5, 0.5, 0.5, 0.4, 0.3, 0.3])


def test_warm_curves_and_rivals_are_not_those_of_cold_trials() -> None:
    costs: Any = {"macs": lambda values: values["macs"]}
    problem = Problem(SearchSpace("s", "m", (Param("macs", (1_000, 2_000)),)), (TOP1_ERROR, MACS), costs)

    def records(count: int, error: float, parent: int | None) -> list[TrialRecord]:
        points = tuple((10 * (i + 1), error * (2 - i / 9)) for i in range(10))
        metrics = {"top1_error": error, "macs": 1_000, "standard_error": 0.001}
        made = TrialRecord(1, 0, {"macs": 1_000}, "completed", metrics, points, started_from=parent)
        return [replace(made, number=parent_number) for parent_number in range(count)]

    cold, warm = records(MIN_CURVES, 0.2, None), records(MIN_CURVES + 1, 0.05, 3)

    def rule(history: list[TrialRecord], *, warm: bool) -> Any:
        return make_rule(history, {"macs": 2_000}, 1, 100, problem, warm=warm)

    assert rule(cold[:-1] + warm, warm=False) is None  # too few cold curves, however many warm ones
    assert rule(cold + warm, warm=False).rival.error == 0.2
    assert rule(cold + warm, warm=True).rival.error == 0.05
    assert {len(rule(cold + warm, warm=kind).curves) for kind in (True, False)} == {MIN_CURVES, MIN_CURVES + 1}
