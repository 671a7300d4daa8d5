"""How long a trial takes on this machine: a few short ones are trained, no longer than a budget allows."""

import math
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Values
from tfkws.tuner.strategies.candidates import uniform, within_limits
from tfkws.tuner.workers.processes import ProcessWorkers

CANDIDATES = 3  # that are timed where time allows
LENGTHS = (40, 160)  # optimiser steps
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Timing:
    """Seconds that a trial takes: `fixed` plus `per_iteration` times its iterations, both float."""

    fixed: float
    per_iteration: float


def measure_timing(
    evaluate: Evaluate,
    problem: Problem,
    seed: int,
    lengths: tuple[int, int] = LENGTHS,
    *,
    longest: float = math.inf,
    enough: float = math.inf,
    tell: Tell = lambda sentence: None,
) -> Timing:
    """Train random candidates briefly, each at two lengths, in processes of their own as the search does.

    Args:
        longest: seconds that a trial of the shorter length may take; the other one may take in proportion.
        enough: seconds after which no further candidate is begun.
        tell: called with a sentence after each trial.

    Raises:
        SearchError: a candidate fails, or takes too long.
    """
    rng = np.random.default_rng(seed)
    rows: list[list[float]] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while len(rows) < CANDIDATES and (not rows or time.monotonic() - began < enough):
            values = within_limits(uniform(problem.space, rng), problem, rng)
            row: list[float] = []
            for length in lengths:
                number = len(lengths) * len(rows) + len(row)
                trial = Trial(number, 0, length, Path(folder) / f"{number}")
                row.append(timed(evaluate, values, trial, longest * length / lengths[0]))
                tell(f"Timed candidate {len(rows) + 1}, {length} iterations: {row[-1]:.1f} s")
            rows.append(row)
    short, long = np.mean(rows, axis=0)
    per_iteration = max((long - short) / (lengths[1] - lengths[0]), 1e-6)
    return Timing(max(float(short - per_iteration * lengths[0]), 0.0), float(per_iteration))


def timed(evaluate: Evaluate, values: Values, trial: Trial, longest: float = math.inf) -> float:
    """Return the wall time in seconds of a trial in a process of its own, start-up included.

    Args:
        longest: seconds after which it is ended.

    Raises:
        SearchError: it fails, or takes longer.
    """
    start = time.monotonic()
    with closing(ProcessWorkers(evaluate, 1)) as workers:
        workers.start(values, trial)
        try:
            _, outcome = workers.next_outcome(None if math.isinf(longest) else longest)
        except TimeoutError:
            raise SearchError(
                f"The budget is too short: {trial.iterations} iterations of one candidate took more than the "
                f"{longest:.0f} s that it leaves them here; give more --hours or --workers, or a smaller space."
            ) from None
    if isinstance(outcome, str):
        raise SearchError(f"A trial for timing failed: {outcome}")
    return time.monotonic() - start
