"""A world: what a training of any candidate of a space comes to, without noise and as one run would show it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.tuner.fronts.front import bounds
from tfkws.tuner.fronts.hypervolume import hypervolume
from tfkws.tuner.problem.objectives import MACS
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Values

CHANCE = 0.9  # error of a network of ten classes that has learned nothing
FAILED = 0.03  # share of trainings that end without a result
FREEDOM = 3  # degrees of freedom of Student's noise: tails so heavy that its fourth moment is infinite


@dataclass(frozen=True)
class World:
    """What trainings come to.

    Attributes:
        name: of the family and the instance.
        problem: space, objectives and the cost that is known before training.
        logit: of the error without noise, a float; infinite where training diverges.
        noise: deviation of the logit between runs of a good network; twice that where half of the answers are wrong.
    """

    name: str
    problem: Problem
    logit: Callable[[Values], float]
    noise: float

    def true_error(self, values: Values) -> float:
        """Return the error 0..1 without noise."""
        return _error(self.logit(self.problem.narrow(values)))

    def train(self, values: Values, rng: np.random.Generator) -> float | None:
        """Return the error 0..1 that one training shows; None where it fails."""
        if rng.random() < FAILED:
            return None
        logit = self.logit(self.problem.narrow(values))
        if np.isinf(logit):
            return CHANCE + 0.01 * float(rng.normal())
        spread = self.noise * (1 + 2 * _error(logit))
        return _error(logit + spread * float(rng.standard_t(FREEDOM)))

    def point(self, values: Values) -> np.ndarray:
        """Return both losses of a candidate without noise: float (2,)."""
        return np.array([self.true_error(values), MACS.to_loss(self.problem.cost("macs", values))])

    def share(self, points: Sequence[np.ndarray]) -> float:
        """Return the share 0..1 of the volume between the `bounds` that points dominate."""
        ideal, reference = bounds(self.problem, [])
        scaled = (np.array(points).reshape(-1, 2) - ideal) / (reference - ideal)
        return hypervolume(scaled, np.ones(2))


def _error(logit: float) -> float:
    """Return the error of a logit; it goes from 0 to chance."""
    return CHANCE if logit == np.inf else float(CHANCE / (1 + np.exp(-logit)))
