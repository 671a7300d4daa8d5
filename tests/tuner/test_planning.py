"""Plans against the arithmetic of the paper's own search, and against their budget."""

import time

import pytest

import tfkws.tuner.planning
from tfkws.errors import SearchError
from tfkws.tuner.planning import FRONT_SIZE, Plan, make_plan, plan_within
from tfkws.tuner.trial_timing import Timing


def seconds_of(plan: Plan, timing: Timing, workers: int) -> float:
    trials = sum(plan.stages) * (timing.fixed + plan.iterations * timing.per_iteration)
    fine = FRONT_SIZE * (timing.fixed + plan.fine_tune_iterations * timing.per_iteration)
    return (trials + (fine if plan.fine_tune_iterations else 0)) / workers


@pytest.mark.parametrize("hours", [0.5, 2, 10, 100])
@pytest.mark.parametrize("timing", [Timing(0.0, 0.05), Timing(8.0, 0.02), Timing(20.0, 0.3)])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_plan_fits_and_uses_its_budget(hours: float, timing: Timing, workers: int) -> None:
    plan = make_plan(hours * 3600, timing, workers)
    assert plan.expected_seconds == pytest.approx(seconds_of(plan, timing, workers))
    assert plan.expected_seconds <= hours * 3600 * 1.001
    if sum(plan.stages) < 800:
        assert plan.expected_seconds > 0.55 * hours * 3600
    assert plan.fine_tune_iterations == 0 or plan.iterations < plan.fine_tune_iterations <= 5 * plan.iterations


def test_plenty_of_time_gives_the_papers_search() -> None:
    plan = make_plan(3600 * 10_000, Timing(1.0, 0.01))
    assert plan.stages == (300, 500)
    assert (plan.iterations, plan.fine_tune_iterations) == (8_000, 40_000)


def test_ten_iterations_a_candidate_as_in_the_paper() -> None:
    plan = make_plan(7_200, Timing(0.0, 0.05))
    assert plan.iterations / sum(plan.stages) == pytest.approx(10, rel=0.05)
    assert plan.stages[0] / sum(plan.stages) == pytest.approx(3 / 8, abs=0.02)


def test_no_time_says_how_much_is_needed() -> None:
    with pytest.raises(SearchError, match=r"0\.01 hours is too short; at least 0\.1\d are needed"):
        make_plan(36, Timing(30.0, 0.2))
    assert make_plan(0.16 * 3600, Timing(30.0, 0.2)).iterations >= 50


def test_a_budget_that_cannot_suffice_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
    from tfkws.tuner.problem.problem import Problem

    problem = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})
    began = time.monotonic()
    with pytest.raises(SearchError, match=r"0.0028 hours is too short; at least 0.017 are needed anywhere"):
        plan_within(10, ToyTraining(seconds=100), problem, 0, 1, print)
    assert time.monotonic() - began < 1
    with pytest.raises(SearchError, match="40 iterations of one candidate took more than the 5 s that it leaves them"):
        plan_within(61, ToyTraining(seconds=100), problem, 0, 1, print)
    assert time.monotonic() - began < 15


def test_what_timing_takes_is_taken_from_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
    from tfkws.tuner.problem.problem import Problem

    problem = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})
    told: list[str] = []
    monkeypatch.setattr(tfkws.tuner.planning, "TIMING_SHARE", 0.0)
    began = time.monotonic()
    plan = plan_within(100, ToyTraining(seconds_per_iteration=0.01), problem, 0, 1, told.append)
    assert plan.expected_seconds <= 100 - (time.monotonic() - began) + 0.5
    assert [line[:34] for line in told] == ["Timed candidate 1, 40 iterations: ", "Timed candidate 1, 160 iterations:"]
