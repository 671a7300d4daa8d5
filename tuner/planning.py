"""The plan of a search that fits into a budget of time, in the proportions of paper B."""

import math
import time
from dataclasses import dataclass

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Evaluate
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.trial_timing import Tell, Timing, measure_timing

ITERATIONS_A_CANDIDATE = 10  # the paper trains 800 candidates for 8,000 iterations each
STAGE_SHARE = 3 / 8  # 300 of its 800 candidates are in the first stage
FINE_TUNE_SHARE = 0.3  # of the time
FRONT_SIZE = 10  # members expected on the front
FINE_TUNE_FACTOR = 5  # the paper's 40,000 to 8,000 iterations
FEWEST_CANDIDATES, FEWEST_ITERATIONS = 8, 50
LEAST_SECONDS = 60  # below which nothing is timed: starting eight trainings takes longer
TIMING_SHARE = 0.1  # of the budget, after which no further candidate is timed


@dataclass(frozen=True)
class Plan:
    """A search that fits into a budget.

    Attributes:
        stages: candidates of each stage.
        iterations: optimiser steps of each candidate.
        fine_tune_iterations: optimiser steps of each member of the front; 0 for no fine-tuning.
        expected_seconds: wall time of all of it, in seconds.
    """

    stages: tuple[int, int]
    iterations: int
    fine_tune_iterations: int
    expected_seconds: float


def make_plan(budget_seconds: float, timing: Timing, workers: int = 1) -> Plan:
    """Scale the paper's search down, or up to its own size, keeping its proportions.

    Candidates and iterations shrink together by the same factor. Early stopping is not counted on, so the
    search usually ends sooner.

    Raises:
        SearchError: the budget is too short for even eight candidates of 50 iterations.

    Example:
        >>> make_plan(3600, Timing(fixed=5.0, per_iteration=0.05))
        Plan(stages=(23, 39), iterations=710, fine_tune_iterations=2060, expected_seconds=3591.0)
    """
    to_search = (1 - FINE_TUNE_SHARE) * budget_seconds * workers
    steps = to_search / timing.per_iteration
    iterations = min(round(math.sqrt(ITERATIONS_A_CANDIDATE * steps)), 8_000)
    iterations = max(min(iterations, _longest(to_search, timing)), FEWEST_ITERATIONS)
    candidates = min(int(to_search / (timing.fixed + iterations * timing.per_iteration)), 800)
    if candidates < FEWEST_CANDIDATES:
        shortest = FEWEST_CANDIDATES * (timing.fixed + FEWEST_ITERATIONS * timing.per_iteration)
        needed = shortest / (1 - FINE_TUNE_SHARE) / workers / 3600
        raise SearchError(
            f"The budget of {budget_seconds / 3600:.2f} hours is too short; at least {needed:.2f} are needed here."
        )
    first = max(1, round(candidates * STAGE_SHARE))
    a_member = FINE_TUNE_SHARE * budget_seconds * workers / FRONT_SIZE - timing.fixed
    fine_tune = min(int(a_member / timing.per_iteration), FINE_TUNE_FACTOR * iterations)
    fine_tune = fine_tune if fine_tune > iterations else 0  # shorter than the search: it would only add noise
    seconds = candidates * (timing.fixed + iterations * timing.per_iteration)
    seconds += FRONT_SIZE * (timing.fixed + fine_tune * timing.per_iteration) if fine_tune else 0.0
    return Plan((first, candidates - first), iterations, fine_tune, seconds / workers)


def _longest(to_search: float, timing: Timing) -> int:
    """Return the iterations at which the fewest candidates still fit."""
    return int((to_search / FEWEST_CANDIDATES - timing.fixed) / timing.per_iteration)


def plan_within(
    budget_seconds: float, evaluate: Evaluate, problem: Problem, seed: int, workers: int, tell: Tell
) -> Plan:
    """Time a few short trials and plan the search that fits into what the timing leaves of the budget.

    Args:
        budget_seconds: of wall clock, for timing and search together.
        workers: trials at a time.
        tell: called with a sentence on each trial that was timed.

    Raises:
        SearchError: the budget is too short, which is known at the latest when its trial of fewest iterations
            takes longer than eight of them may.
    """
    check_budget(budget_seconds)
    began = time.monotonic()
    longest = (1 - FINE_TUNE_SHARE) * budget_seconds * workers / FEWEST_CANDIDATES
    enough = TIMING_SHARE * budget_seconds
    timing = measure_timing(evaluate, problem, seed, workers=workers, longest=longest, enough=enough, tell=tell)
    return make_plan(budget_seconds - (time.monotonic() - began), timing, workers)


def check_budget(budget_seconds: float) -> None:
    """Refuse a budget (seconds) that cannot suffice on any machine.

    Raises:
        SearchError: it is below a minute, or no number.
    """
    if not math.isfinite(budget_seconds):
        raise SearchError(f"A budget must be a number of hours. Received {budget_seconds / 3600}.")
    if budget_seconds < LEAST_SECONDS:
        raise SearchError(
            f"The budget of {budget_seconds / 3600:.2g} hours is too short; at least {LEAST_SECONDS / 3600:.2g} are "
            "needed anywhere, and usually more."
        )
