"""Candidates drawn uniformly, by changing known ones, and by making one smaller until it holds the limits."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from tfkws.errors import SearchError
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace, nearest
from tfkws.tuner.records.trials import TrialRecord, Value, Values, trial_key

ENUMERABLE = 5_000  # spaces up to this size are listed, so that "nothing left" is exact
ATTEMPTS = 500


def uniform(space: SearchSpace, rng: np.random.Generator) -> dict[str, Value]:
    """Return values with each parameter drawn uniformly from its choices."""
    return space.values_at([int(rng.integers(len(param.choices))) for param in space.params])


def random_values(history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator) -> Values | None:
    """Draw uniformly among what was not tried; None where nothing is left.

    A candidate above a limit is made smaller, parameter by parameter at random, until it is allowed.
    """
    tried = Tried(history, problem)
    if problem.space.size <= ENUMERABLE:
        return untried(tried, problem, rng)
    for _ in range(ATTEMPTS):
        values = within_limits(uniform(problem.space, rng), problem, rng)
        if values not in tried:
            return values
    return None


def untried(tried: "Tried", problem: Problem, rng: np.random.Generator) -> Values | None:
    """Return a uniform draw among all allowed values of a small space that were not tried.

    Args:
        tried: those that were.

    Returns:
        Values; None if none is left.
    """
    choices = product(*[param.choices for param in problem.space.params])
    listed = [dict(zip(problem.space.names, row, strict=True)) for row in choices]
    different = {trial_key(problem.narrow(values)): values for values in reversed(listed)}
    left = [values for values in reversed(different.values()) if values not in tried and problem.feasible(values)]
    return left[int(rng.integers(len(left)))] if left else None


def within_limits(values: Values, problem: Problem, rng: np.random.Generator) -> Values:
    """Return values that hold the limits: `values`, or smaller choices of random parameters until they do.

    Raises:
        SearchError: even the first choice of every parameter is above a limit.
    """
    indices = problem.space.indices(values)
    while not problem.feasible(values):
        reducible = [i for i, index in enumerate(indices) if index > 0]
        if not reducible:
            costs = {name: round(problem.cost(name, values), 2) for name in problem.limits}
            raise SearchError(f"No candidate holds the limits {dict(problem.limits)}; the smallest has {costs}.")
        picked = reducible[int(rng.integers(len(reducible)))]
        indices[picked] = int(rng.integers(indices[picked]))
        values = problem.space.values_at(indices)
    return values


def cross(first: Values, second: Values, space: SearchSpace, rng: np.random.Generator) -> dict[str, Value]:
    """Return values that take each parameter from one of two candidates at random.

    Frozen parameters are those of the space; where one candidate has no value, it is the other's.
    """
    parents = [completed_at_random({**other, **own}, space, rng) for own, other in ((first, second), (second, first))]
    picks = rng.integers(2, size=len(space.params))
    return {param.name: parents[pick][param.name] for param, pick in zip(space.params, picks, strict=True)}


def mutate(values: Values, space: SearchSpace, rng: np.random.Generator) -> dict[str, Value]:
    """Return values with one free parameter changed, and each other one with probability 1 / (free ones).

    Half of the changes are a step of up to a fifth of the choices (int, at least 1), the other half a draw of
    any choice.
    """
    indices = space.indices(values)
    free = space.free
    if not free:
        return dict(values)
    changed = {free[int(rng.integers(len(free)))]} | {i for i in free if rng.random() < 1 / len(free)}
    for i in changed:
        count = len(space.params[i].choices)
        if rng.random() < 0.5:
            reach = max(1, count // 5)
            step = int(rng.integers(1, reach + 1)) * (1 if rng.random() < 0.5 else -1)
            indices[i] = min(max(indices[i] + step, 0), count - 1)
        else:
            indices[i] = int(rng.integers(count))
    return space.values_at(indices)


def project(values: Values, space: SearchSpace) -> dict[str, Value]:
    """Return values moved into a space that has become smaller.

    A value that it lacks becomes the nearest choice; that of a text parameter the first choice. A parameter that has
    no value, because it had no effect or came later, still has none.
    """
    return {param.name: nearest(values[param.name], param.choices) for param in space.params if param.name in values}


def completed_at_random(values: Values, space: SearchSpace, rng: np.random.Generator) -> dict[str, Value]:
    """Return values in the space, with a random choice for each parameter that has none."""
    there = project(values, space)
    for param in space.params:
        if param.name not in there:
            there[param.name] = param.choices[int(rng.integers(len(param.choices)))]
    return {param.name: there[param.name] for param in space.params}


class Tried:
    """Which candidates a history has tried.

    A trial is the twin of every candidate that agrees with all its values: a parameter that it lacks had no effect on
    it, so the network is the same.

    Example:
        >>> from tfkws.tuner.problem.objectives import TOP1_ERROR
        >>> from tfkws.tuner.problem.space import Param
        >>> space = SearchSpace("s", "m", (Param("layers", (1, 2)), Param("units_1", (8, 16))))
        >>> tried = Tried([TrialRecord(0, 0, {"layers": 1})], Problem(space, (TOP1_ERROR,)))
        >>> {"layers": 1, "units_1": 8} in tried, {"layers": 2, "units_1": 8} in tried
        (True, False)
    """

    def __init__(self, history: Sequence[TrialRecord], problem: Problem) -> None:
        self._narrow = problem.narrow
        self._keys: dict[frozenset[str], set[Any]] = {}
        for record in history:
            names = frozenset(record.values)
            if problem.added <= names:
                self._keys.setdefault(names, set()).add(trial_key(record.values))

    def __contains__(self, values: Values) -> bool:
        narrow = self._narrow(values)
        return any(
            names <= narrow.keys() and trial_key({name: narrow[name] for name in names}) in keys
            for names, keys in self._keys.items()
        )
