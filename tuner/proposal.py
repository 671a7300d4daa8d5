"""The next trial of a search: its values, and whose weights it begins with. Functions of the history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.tuner.history import History
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import TrialRecord, Values, completed, trial_key
from tfkws.tuner.strategies.strategies import Strategy
from tfkws.tuner.strategies.surrogate import positions

StartFrom = Callable[[Values, Sequence[TrialRecord]], int | None]
"""Names the trial whose weights a candidate begins with, from (its values, the history it sees); None: fresh ones."""


@dataclass(frozen=True)
class Stage:
    """One stage of a search, and what its proposals depend on beside the history.

    Attributes:
        number: from 0; fine-tuning is the stage after the last.
        problem: what is searched.
        queue: values to try before the strategy is asked.
        start_from: names the trial whose weights a candidate begins with; None for fresh weights.
    """

    number: int
    problem: Problem
    queue: tuple[Values, ...] = ()
    start_from: StartFrom | None = None


def propose(stage: Stage, history: History, strategy: Strategy, seed: int) -> Values | None:
    """Return the values to try next, or None where nothing is left to try.

    The same arguments give the same values: the random numbers are keyed by the seed and the number of the
    trial.

    Args:
        strategy: asked once the stage's queue is empty.
        seed: int of the search.
    """
    tried_here = len(history.of_stage(stage.number))
    if tried_here < len(stage.queue):
        return stage.queue[tried_here]
    number = len(history.records)
    rng = np.random.default_rng((seed, number))
    return strategy(history.visible(number, stage.number), stage.problem, rng)


def suggest(stage: Stage, history: History, strategy: Strategy, seed: int) -> None:
    """Add the next trial to the history, if anything is left to try, with the values that have an effect."""
    values = propose(stage, history, strategy, seed)
    if values is not None:
        history.suggested(started(stage, history, stage.problem.narrow(values)))


def started(stage: Stage, history: History, values: Values) -> TrialRecord:
    """Return the record of the trial of these values that starts next.

    It names the trial whose weights it begins with.
    """
    number = len(history.records)
    if stage.start_from is None:
        return TrialRecord(number, stage.number, values)
    parent = stage.start_from(values, history.visible(number, stage.number))
    return TrialRecord(number, stage.number, values, started_from=parent)


def nearest_trained(history: Sequence[TrialRecord], values: Values, space: SearchSpace) -> int | None:
    """Return the number of the completed trial with the most similar values; None where no trial is completed.

    The distance is the sum over the free parameters of the distance of their positions in 0..1, numbers on a
    logarithmic scale. Of equally similar trials the earliest counts.
    """
    known = sorted(completed(history), key=lambda record: record.number)
    if not known:
        return None
    there = _points([record.values for record in known], space)
    here = _points([values], space)
    return known[int(np.argmin(np.abs(there - here).sum(axis=1).round(9)))].number


def same_values(history: Sequence[TrialRecord], values: Values, before_stage: int) -> int | None:
    """Return the number (int) of the first completed trial of an earlier stage with exactly these values.

    None where there is none.
    """
    key = trial_key(values)
    numbers = [r.number for r in completed(history) if r.stage < before_stage and trial_key(r.values) == key]
    return min(numbers, default=None)


def _points(candidates: Sequence[Values], space: SearchSpace) -> np.ndarray:
    """Return the positions of values among the choices of the free parameters: float (n, free parameters)."""
    columns = [positions(candidates, param.name, param.choices) for param in space.params if not param.frozen]
    return np.stack(columns, axis=1) if columns else np.zeros((len(candidates), 1))
