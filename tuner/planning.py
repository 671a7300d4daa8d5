"""The plan of a search that fits into a budget of time, in the proportions of paper B."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.strategies.candidates import uniform, within_limits
from tfkws.tuner.workers.processes import make_workers

ITERATIONS_A_CANDIDATE = 10  # the paper trains 800 candidates for 8,000 iterations each
STAGE_SHARE = 3 / 8  # 300 of its 800 candidates are in the first stage
FINE_TUNE_SHARE = 0.3  # of the time
FRONT_SIZE = 10  # members expected on the front
FINE_TUNE_FACTOR = 5  # the paper's 40,000 to 8,000 iterations
FEWEST_CANDIDATES, FEWEST_ITERATIONS = 8, 50


@dataclass(frozen=True)
class Timing:
    """Seconds that a trial takes: `fixed` plus `per_iteration` times its iterations, both float."""

    fixed: float
    per_iteration: float


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


def measure_timing(evaluate: Evaluate, problem: Problem, seed: int, lengths: tuple[int, int] = (40, 160)) -> Timing:
    """Train a few random candidates briefly, each at two lengths, in processes of their own as the search does.

    Raises:
        SearchError: a candidate fails.
    """
    rng = np.random.default_rng(seed)
    seconds = np.zeros(2)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            values = within_limits(uniform(problem.space, rng), problem, rng)
            for i, length in enumerate(lengths):
                trial = Trial(2 * number + i, 0, length, Path(folder) / f"{number}-{i}")
                seconds[i] += timed(evaluate, values, trial) / 3
    per_iteration = max((seconds[1] - seconds[0]) / (lengths[1] - lengths[0]), 1e-6)
    return Timing(max(seconds[0] - per_iteration * lengths[0], 0.0), per_iteration)


def timed(evaluate: Evaluate, values: object, trial: Trial) -> float:
    """Return the wall time in seconds of a trial in a process of its own, start-up included."""
    import time

    start = time.monotonic()
    workers = make_workers(evaluate, 1)
    workers.start(values, trial)  # type: ignore[arg-type]
    _, outcome = workers.next_outcome()
    if isinstance(outcome, str):
        raise SearchError(f"A trial for timing failed: {outcome}")
    return time.monotonic() - start
