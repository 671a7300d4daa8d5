"""Early stopping for several objectives: it ends a training that can hardly reach the front at its cost.

A trial is on the front when no other candidate of at most its cost has at most its error. So a trial is compared with
the lowest error among those candidates, its rival, and with nothing else. How far an error still falls from a given
point of training is learned from the completed trials of the same search, whose recipe and length are the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Curve, TrialRecord, Values, binomial_standard_error, completed

MIN_CURVES = 10  # completed trials before anything is stopped
MIN_FRACTION = 0.2  # of a training, before which nothing is stopped
NEVER_STOPPED = 10  # every tenth trial runs to its end, so that the falls learned from completed trials stay unbiased
NOISE = 2.0  # standard errors of a score granted to the trial, and taken from its rival
SPREAD = 2.5  # standard deviations of the logarithmic fall granted to the trial


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
        curves: learning curves of completed trials of that length.
    """

    total_iterations: int
    rival: Rival
    curves: tuple[Curve, ...]

    def verdict(self, curve: Curve, clips: int) -> Verdict:
        """Return the verdict on a trial by its learning curve so far.

        Args:
            curve: (optimiser steps, validation error 0..1) of each validation; at least one.
            clips: on which each error was measured.
        """
        iteration, error = curve[-1][0], min(error for _, error in curve)
        fall, spread = self._fall(iteration)
        expected = error * math.exp(fall)
        hopeful = max(error - NOISE * binomial_standard_error(error, clips), 0.0)
        optimistic = hopeful * math.exp(fall - SPREAD * spread)
        early = iteration < MIN_FRACTION * self.total_iterations
        reachable = optimistic <= self.rival.error + NOISE * self.rival.standard_error
        return Verdict(not early and not reachable, optimistic, expected)

    def _fall(self, iteration: int) -> tuple[float, float]:
        """Return mean and spread of log(final error / error at `iteration`); the spread covers the largest fall."""
        floor = 1e-4  # an error of 0 on a finite split is not one
        ratios = [
            (max(error_at(curve, self.total_iterations), floor), max(error_at(curve, iteration), floor))
            for curve in self.curves
        ]
        falls = np.log([final / now for final, now in ratios])
        mean = float(falls.mean())
        return mean, max(float(falls.std(ddof=1)), (mean - float(falls.min())) / SPREAD)


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
    curves = tuple(r.curve for r in alike if r.curve and r.curve[-1][0] == total_iterations)
    others, known_costs = problem.objectives[1:], problem.known_costs
    if number % NEVER_STOPPED == 0 or len(curves) < MIN_CURVES or any(o.name not in known_costs for o in others):
        return None
    bounds = {objective: objective.to_loss(known_costs[objective.name](values)) for objective in others}
    rivals = [r for r in alike if all(o.to_loss(r.metrics[o.name]) <= bound for o, bound in bounds.items())]
    known = [Rival(r.metrics["top1_error"], r.metrics.get("standard_error", 0.0)) for r in rivals]
    if problem.worst is not None:
        known.append(Rival(problem.worst, 0.0))
    return StoppingRule(total_iterations, min(known, key=lambda rival: rival.error), curves) if known else None
