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
START_S = 60.0  # granted to the first trial besides, for the processes to start and to read the clips
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
    workers: int = 1,
    longest: float = math.inf,
    enough: float = math.inf,
    tell: Tell = lambda sentence: None,
) -> Timing:
    """Train random candidates briefly, each at two lengths, in processes as those of the search.

    Each is trained `workers` times at once, as busy as the machine will be. That the processes start is not counted:
    they serve many trials.

    Args:
        workers: trials at a time of the search, an int.
        longest: seconds that a trial of the shorter length may take; the other one may take in proportion.
        enough: seconds after which no further candidate is begun.
        tell: called with a sentence after each trial.

    Raises:
        SearchError: a candidate fails, or takes too long.
    """
    rng = np.random.default_rng(seed)
    rows: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder, closing(ProcessWorkers(evaluate, max(1, workers))) as processes:
        timer = _Timer(processes, Path(folder))
        began = time.monotonic()
        while len(rows) < CANDIDATES and (not rows or time.monotonic() - began < enough):
            values = within_limits(uniform(problem.space, rng), problem, rng)
            if not rows:
                timer.seconds(values, lengths[0], longest, start=min(START_S, enough))
            row: list[float] = []
            for length in lengths:
                row.append(timer.seconds(values, length, longest * length / lengths[0]))
                tell(f"Timed candidate {len(rows) + 1}, {length} iterations: {row[-1]:.1f} s")
            rows.append(row)
    short, long = np.mean(rows, axis=0)
    per_iteration = max((long - short) / (lengths[1] - lengths[0]), 1e-6)
    return Timing(max(float(short - per_iteration * lengths[0]), 0.0), float(per_iteration))


class _Timer:
    """Times trials that fill all processes; `folder` is theirs."""

    def __init__(self, processes: ProcessWorkers, folder: Path) -> None:
        self._processes, self._folder = processes, folder
        self._trials = 0

    def seconds(self, values: Values, iterations: int, longest: float, start: float = 0.0) -> float:
        """Return the wall time in seconds of equal trials at once, one in each process.

        Args:
            longest: seconds after which they are given up.
            start: seconds granted besides.

        Raises:
            SearchError: one fails, or takes longer.
        """
        began, limit = time.monotonic(), longest + start
        for _ in range(self._processes.slots):
            self._processes.start(values, Trial(self._trials, 0, iterations, self._folder / f"{self._trials}"))
            self._trials += 1
        for _ in range(self._processes.slots):
            try:
                _, outcome = self._processes.next_outcome(None if math.isinf(limit) else limit)
            except TimeoutError:
                raise SearchError(
                    f"The budget is too short: {iterations} iterations of one candidate took more than the "
                    f"{longest:.0f} s that it leaves them here; give more --hours, or a smaller space."
                ) from None
            if isinstance(outcome, str):
                raise SearchError(f"A trial for timing failed: {outcome}")
        return time.monotonic() - began
