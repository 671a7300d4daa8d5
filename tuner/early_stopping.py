"""Early stopping for several objectives: it ends a training that can hardly reach the front at its cost.

A trial is on the front when no other candidate of at most its cost has at most its error. So a trial is compared with
the lowest error among those candidates, its rival, and with nothing else. Where an error ends that is this high at this
point of training is learned from the completed trials of the same search, whose recipe and length are the same: once
for networks of this cost and once for all, and the trial is granted the better end, since who reaches the front is
better than others of its cost. `python -m benchmarks search/stopping` replays recorded searches under this rule.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Curve, TrialRecord, Values, binomial_standard_error, completed

MIN_CURVES = 10  # completed trials before anything is stopped
MIN_FRACTION = 0.1  # of a training, before which nothing is stopped
NEVER_STOPPED = 10  # every tenth trial runs to its end, so that the falls learned from completed trials stay unbiased
NOISE = 2.0  # standard errors of a score granted to the trial, and taken from its rival
SPREAD = 1.64  # standard errors of a prediction granted to the trial: it ends lower in 5 of 100
RIDGE = 1e-2  # on the coefficients, since ten curves say little of two of them
FLOOR = 1e-4  # an error of 0 on a finite split is not one


@dataclass(frozen=True)
class Rival:
    """The lowest error 0..1 among completed candidates of at most the same cost, or the largest error of interest.

    Attributes:
        error: to be reached.
        standard_error: of that error; 0 for the largest error of interest.
    """

    error: float
    standard_error: float


@dataclass(frozen=True)
class Verdict:
    """What the rule says of a training.

    Attributes:
        stop: whether to end it.
        optimistic_error: lowest final error 0..1 that is still plausible.
        expected_error: expected final error 0..1.
    """

    stop: bool
    optimistic_error: float
    expected_error: float


@dataclass(frozen=True)
class StoppingRule:
    """What decides, while a trial trains, whether it is stopped.

    Attributes:
        total_iterations: optimiser steps of the whole training.
        rival: the error (0..1) that the trial has to reach.
        costs: of the trial, in the order of the other objectives, above 0.
        curves: learning curves of completed trials of that length.
        costs_of_curves: of the trials of `curves`.
    """

    total_iterations: int
    rival: Rival
    costs: tuple[float, ...]
    curves: tuple[Curve, ...]
    costs_of_curves: tuple[tuple[float, ...], ...]

    def verdict(self, curve: Curve, clips: int) -> Verdict:
        """Return the verdict on a trial by its learning curve so far.

        Args:
            curve: (optimiser steps, validation error 0..1) of each validation; at least one.
            clips: on which each error was measured.
        """
        iteration, error = curve[-1][0], min(error for _, error in curve)
        hopeful = max(error - NOISE * binomial_standard_error(error, clips), 0.0)
        now = np.log([max(error_at(curve, iteration), FLOOR) for curve in self.curves])
        final = np.log([max(error_at(curve, self.total_iterations), FLOOR) for curve in self.curves])
        with_costs = np.column_stack([now, np.log(self.costs_of_curves)])
        of_cost = Regression.of(with_costs, final)
        of_all = Regression.of(now[:, None], final)
        log_costs = [math.log(cost) for cost in self.costs]
        expected = of_cost.predict(_log(error), *log_costs)[0]
        lowest = min(of_cost.low(_log(hopeful), *log_costs), of_all.low(_log(hopeful)))
        early = iteration < MIN_FRACTION * self.total_iterations
        reachable = math.exp(lowest) <= self.rival.error + NOISE * self.rival.standard_error
        return Verdict(not early and not reachable, math.exp(lowest), math.exp(expected))


@dataclass(frozen=True)
class Regression:
    """A linear regression with a small ridge, for predictions with their standard error.

    Attributes:
        coefficients: float (inputs + 1,), the constant first.
        inverse: of the penalised normal matrix, float (inputs + 1, inputs + 1).
        variance: of the residuals.
    """

    coefficients: np.ndarray
    inverse: np.ndarray
    variance: float

    @classmethod
    def of(cls, inputs: np.ndarray, targets: np.ndarray) -> "Regression":
        """Fit targets, float (n,), by inputs, float (n, inputs); n must exceed the inputs by at least 2."""
        matrix = np.column_stack([np.ones(len(targets)), inputs])
        penalty = np.diag([0.0, *[RIDGE] * inputs.shape[1]])
        inverse = np.linalg.inv(matrix.T @ matrix + penalty)
        coefficients = inverse @ matrix.T @ targets
        residuals = targets - matrix @ coefficients
        return cls(coefficients, inverse, float(residuals @ residuals) / (len(targets) - matrix.shape[1]))

    def predict(self, *inputs: float) -> tuple[float, float]:
        """Return the expected target of one example, and the standard error of that prediction."""
        row = np.array([1.0, *inputs])
        return float(row @ self.coefficients), math.sqrt(self.variance * (1 + float(row @ self.inverse @ row)))

    def low(self, *inputs: float) -> float:
        """Return the lowest target of one example that is still plausible."""
        expected, error = self.predict(*inputs)
        return expected - SPREAD * error


def error_at(curve: Curve, iteration: int) -> float:
    """Return the lowest error 0..1 up to an iteration, interpolated between validations.

    Before the first validation it is the error of that one.

    Example:
        >>> error_at(((100, 0.5), (200, 0.25)), 150)
        0.375
    """
    iterations = [point[0] for point in curve]
    lowest = np.minimum.accumulate([point[1] for point in curve])
    return float(np.interp(iteration, iterations, lowest))


def make_rule(
    history: Sequence[TrialRecord],
    values: Values,
    number: int,
    total_iterations: int,
    problem: Problem,
    *,
    warm: bool = False,
) -> StoppingRule | None:
    """Return the rule for a trial, or None where it must not be stopped.

    A trial is never stopped if its number is a multiple of ten, if fewer than ten trials of its length are
    completed, if a cost is not known before training, or if it has no rival. A trial that begins with trained
    weights is compared with others that did, and one with fresh weights with others of those: their curves
    fall differently.

    Args:
        number: of the trial, int from 0.
        total_iterations: optimiser steps of its whole training.
        warm: whether it begins with trained weights.
    """
    alike = [record for record in completed(history) if record.warm == warm]
    whole = [record for record in alike if record.curve and record.curve[-1][0] == total_iterations]
    others, known_costs = problem.objectives[1:], problem.known_costs
    if number % NEVER_STOPPED == 0 or len(whole) < MIN_CURVES or any(o.name not in known_costs for o in others):
        return None
    costs = [float(known_costs[objective.name](values)) for objective in others]
    bounds = {objective: objective.to_loss(cost) for objective, cost in zip(others, costs, strict=True)}
    rivals = [r for r in alike if all(o.to_loss(r.metrics[o.name]) <= bound for o, bound in bounds.items())]
    known = [Rival(r.metrics["top1_error"], r.metrics.get("standard_error", 0.0)) for r in rivals]
    if problem.worst is not None:
        known.append(Rival(problem.worst, 0.0))
    if not known:
        return None
    rival = min(known, key=lambda rival: rival.error)
    curves = tuple(record.curve for record in whole)
    costs_of_curves = tuple(tuple(_positive(r.metrics[o.name]) for o in others) for r in whole)
    return StoppingRule(total_iterations, rival, tuple(map(_positive, costs)), curves, costs_of_curves)


def _positive(cost: float) -> float:
    """Return a cost that has a logarithm."""
    return max(cost, 1e-9)


def _log(error: float) -> float:
    return math.log(max(error, FLOOR))
