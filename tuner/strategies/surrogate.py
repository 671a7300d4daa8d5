"""The surrogate model: candidates as numbers, losses on the scale on which they are learned, and what is predicted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Values
from tfkws.tuner.strategies.gaussian_process import GaussianProcess, fit_process

CUT = 6.0  # median deviations above the median: how much worse than that a loss is, teaches nothing
SMALLEST = 1e-3  # share: an error of 0 on a finite split is not one
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True)
class Surrogate:
    """Predicts a loss of candidates.

    Attributes:
        process: through the losses on the learned scale.
        scale: between losses and that.
        problem: the space.
    """

    process: GaussianProcess
    scale: "Scale"
    problem: Problem

    def believing(self, candidates: Sequence[Values]) -> "Surrogate":
        """Return the surrogate as if candidates had been trained and came to what it predicts."""
        if not candidates:
            return self
        return replace(self, process=self.process.believing(points(candidates, self.problem)[0]))

    def middle(self, candidates: Sequence[Values]) -> np.ndarray:
        """Return the loss that is as likely to be undercut as not: float (k,)."""
        if not candidates:
            return np.zeros(0)
        return self.scale.to_losses(self.process.predict(points(candidates, self.problem)[0])[0])

    def draws(self, candidates: Sequence[Values]) -> np.ndarray:
        """Return values that the noise-free loss of each candidate may take: float (k, q).

        Their probabilities are `WEIGHTS`, so that a weighted sum over them is an expectation (Gauss and Hermite).
        """
        mean, deviation = self.process.predict(points(candidates, self.problem)[0])
        return self.scale.to_losses(mean[:, None] + deviation[:, None] * NODES)


@dataclass(frozen=True)
class Scale:
    """How losses are learned: those that are shares by their logit, others as they are.

    Attributes:
        shares: whether the losses are.
        shift: what makes them 0..1: 1 for an accuracy, whose loss is -1..0.

    Example:
        >>> scale_of(np.array([-0.5, -0.9])).learned(np.array([-0.5])).tolist()
        [0.0]
    """

    shares: bool
    shift: float = 0.0

    def learned(self, losses: np.ndarray) -> np.ndarray:
        """Return losses on the learned scale."""
        if not self.shares:
            return losses
        inside = np.clip(losses + self.shift, SMALLEST, 1 - SMALLEST)
        return np.log(inside / (1 - inside))

    def to_losses(self, learned: np.ndarray) -> np.ndarray:
        """Undo `learned`."""
        return 1 / (1 + np.exp(-learned)) - self.shift if self.shares else learned


def scale_of(losses: np.ndarray) -> Scale:
    """Return the scale for losses (n,): they are shares if all are within 0..1, or all within -1..0."""
    low, high = losses.min(), losses.max()
    return Scale(bool((low >= 0 and high <= 1) or (low >= -1 and high <= 0)), 1.0 if low < 0 else 0.0)


def fit_surrogate(candidates: Sequence[Values], losses: np.ndarray, problem: Problem) -> Surrogate:
    """Fit a surrogate to the losses (n,) of trained candidates."""
    scale = scale_of(losses)
    targets = scale.learned(losses)
    middle = np.median(targets)
    targets = np.minimum(targets, middle + CUT * np.median(np.abs(targets - middle)))
    where, groups = points(candidates, problem)
    return Surrogate(fit_process(where, groups, targets), scale, problem)


def points(candidates: Sequence[Values], problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return the free parameters of candidates, of which there must be one, as numbers.

    Two texts are as far apart as any two others of a parameter, since their order says nothing.

    Returns:
        (points, groups): float (n, f), each column 0..1, and int (f,), which of the free parameters it belongs to.
    """
    narrow = [problem.narrow(values) for values in candidates]
    columns, groups = list[np.ndarray](), list[int]()
    for group, param in enumerate(problem.space.params[i] for i in problem.space.free):
        if isinstance(param.choices[0], str) and len(param.choices) > 2:
            there = [values.get(param.name) for values in narrow]
            added = [np.array([value == choice for value in there]) / np.sqrt(2) for choice in param.choices]
        else:
            added = [positions(narrow, param.name, param.choices)]
        columns += added
        groups += [group] * len(added)
    return np.stack(columns, axis=1), np.array(groups)


def features(candidates: Sequence[Values], problem: Problem) -> np.ndarray:
    """Return candidates as numbers: float (n, f), each column about 0..1.

    Columns: position of each free parameter among its choices, then log10 of each known cost.
    """
    space = problem.space
    candidates = [problem.narrow(values) for values in candidates]
    columns = [positions(candidates, space.params[i].name, space.params[i].choices) for i in space.free]
    for cost in problem.known_costs.values():
        columns.append(np.log10([max(cost(values), 1.0) for values in candidates]) / 4)
    return np.stack(columns, axis=1) if columns else np.zeros((len(candidates), 1))


def positions(candidates: Sequence[Values], name: str, choices: tuple[Any, ...]) -> np.ndarray:
    """Return the positions of values among a parameter's choices: float (n,) in 0..1.

    Numbers are placed by their logarithm where all choices are positive, texts by the order of the choices. What has no
    value stands in the middle.

    Example:
        >>> positions([{"width": 2}, {"width": 4}, {"width": 8}], "width", (2, 4, 8)).round(2).tolist()
        [0.0, 0.5, 1.0]
    """
    if all(isinstance(choice, int | float) for choice in choices):
        numbers = np.array(choices, dtype=np.float64)
        points = np.array([float(values.get(name, np.nan)) for values in candidates])
        if numbers.min() > 0:
            numbers, points = np.log(numbers), np.log(np.maximum(points, 1e-12))
        return np.nan_to_num((points - numbers.min()) / (numbers.max() - numbers.min()), nan=0.5)
    lookup = {choice: i / (len(choices) - 1) for i, choice in enumerate(choices)}
    return np.array([lookup.get(values.get(name, ""), 0.5) for values in candidates])
