"""Early stopping that is right for several objectives: only what can hardly reach the front at its cost is stopped.

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
    """The lowest error among completed candidates of at most the same cost, with its standard error; or the largest
    that is of interest."""

    error: float
    standard_error: float


@dataclass(frozen=True)
class Verdict:
    """Whether to stop; the lowest final error that is still plausible, and the expected one."""

    stop: bool
    optimistic_error: float
    expected_error: float


@dataclass(frozen=True)
class StoppingRule:
    """All that one trial needs to judge itself while it trains.

    Attributes:
        total_iterations: length of the whole training.
        rival: to be reached.
        curves: of completed trials of that length.
    """

    total_iterations: int
    rival: Rival
    curves: tuple[Curve, ...]

    def verdict(self, curve: Curve, clips: int) -> Verdict:
        """Judge a trial by its curve so far, scored on `clips` clips."""
        iteration, error = curve[-1][0], min(error for _, error in curve)
        fall, spread = self._fall(iteration)
        expected = error * math.exp(fall)
        hopeful = max(error - NOISE * binomial_standard_error(error, clips), 0.0)
        optimistic = hopeful * math.exp(fall - SPREAD * spread)
        early = iteration < MIN_FRACTION * self.total_iterations
        reachable = optimistic <= self.rival.error + NOISE * self.rival.standard_error
        return Verdict(not early and not reachable, optimistic, expected)

    def _fall(self, iteration: int) -> tuple[float, float]:
        """Mean and spread of log(final error / error at `iteration`); the spread covers the largest fall seen too."""
        floor = 1e-4  # an error of 0 on a finite split is not one
        ratios = [
            (max(error_at(curve, self.total_iterations), floor), max(error_at(curve, iteration), floor))
            for curve in self.curves
        ]
        falls = np.log([final / now for final, now in ratios])
        mean = float(falls.mean())
        return mean, max(float(falls.std(ddof=1)), (mean - float(falls.min())) / SPREAD)


def error_at(curve: Curve, iteration: int) -> float:
    """Lowest error up to an iteration, between validations interpolated; before the first one, that one's."""
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
    """Prepare the rule for a trial, or None where it must not be stopped.

    That is: every tenth trial, as long as fewer than ten trials of that length are complete, when a cost is not known
    before training, and when there is nothing to be held against. Trials that begin with trained weights are judged
    by others that did, and cold ones by cold ones: their curves fall differently.
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
