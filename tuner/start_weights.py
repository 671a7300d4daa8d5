"""Which trained candidate a new one starts from."""

from collections.abc import Sequence

import numpy as np

from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import TrialRecord, Values, completed, trial_key
from tfkws.tuner.strategies.surrogate import positions


def nearest_trained(history: Sequence[TrialRecord], values: Values, space: SearchSpace) -> int | None:
    """Number of the completed trial with the most similar values, the earliest of equally similar ones; None at first.

    Each parameter counts alike, numbers on a logarithmic scale.
    """
    known = sorted(completed(history), key=lambda record: record.number)
    if not known:
        return None
    there, here = _points([record.values for record in known], space), _points([values], space)
    return known[int(np.argmin(np.abs(there - here).sum(axis=1).round(9)))].number


def same_values(history: Sequence[TrialRecord], values: Values, before_stage: int) -> int | None:
    """Number of the completed trial of an earlier stage with exactly these values."""
    key = trial_key(values)
    numbers = [r.number for r in completed(history) if r.stage < before_stage and trial_key(r.values) == key]
    return min(numbers, default=None)


def _points(candidates: Sequence[Values], space: SearchSpace) -> np.ndarray:
    columns = [positions(candidates, param.name, param.choices) for param in space.params if not param.frozen]
    return np.stack(columns, axis=1) if columns else np.zeros((len(candidates), 1))
