"""Our strategy: the candidate whose training is expected to add most to the hypervolume, given its known costs."""

from collections.abc import Iterator, Sequence

import numpy as np

from tfkws.tuner.fronts.front import bounds
from tfkws.tuner.fronts.hypervolume import expected_gain
from tfkws.tuner.fronts.pareto import nondomination_rank, pareto_mask
from tfkws.tuner.problem.objectives import to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Values, trial_key
from tfkws.tuner.strategies.candidates import (
    Tried,
    completed_at_random,
    cross,
    mutate,
    project,
    random_values,
    uniform,
    within_limits,
)
from tfkws.tuner.strategies.surrogate import WEIGHTS, Surrogate, features, fit_surrogate

STARTUP = 10  # results before the surrogate has something to go by
SPREAD = 60  # random draws among which the start picks the one farthest from all tried
PARENTS = 32
AROUND_FRONT, AT_RANDOM = 200, 100  # candidates to begin with
ROUNDS, BEST, CHILDREN = 4, 8, 12  # of climbing: in each round, so many children of each of the best


def gain_values(history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator) -> Values | None:
    """Choose the candidate with the largest expected gain in hypervolume, given its known costs.

    A Gaussian process predicts the first loss; others are known before training, or predicted too where they are not.
    Candidates are drawn around the front and at random, and the best of them climb: their children compete with them.
    """
    from threadpoolctl import threadpool_limits

    known = [record for record in history if record.status in ("completed", "stopped")]
    if len(known) < STARTUP or not problem.space.free:
        return _spread_values(history, problem, rng)
    with threadpool_limits(1):  # matrices this small only lose by a second thread
        gains = Gains(history, known, problem)
        drawn = _Unseen(history, problem, rng)
        found = drawn.of(_first_candidates(gains.best_first(), problem, rng))
        scores = gains.of(found)
        for _ in range(ROUNDS):
            best = [found[i] for i in np.argsort(-scores, kind="stable")[:BEST]]
            children = drawn.of(mutate(values, problem.space, rng) for values in best for _ in range(CHILDREN))
            found, scores = found + children, np.append(scores, gains.of(children))
    return found[int(np.argmax(scores))] if found else random_values(history, problem, rng)


class Gains:
    """Expected gains in hypervolume after a history.

    What was trained counts with what the surrogate makes of it, so that a lucky training does not hide its
    neighbours; what is running counts as if it came to what is predicted.

    Args:
        history: all trials.
        known: those that have a first loss.
    """

    def __init__(self, history: Sequence[TrialRecord], known: Sequence[TrialRecord], problem: Problem) -> None:
        self._problem, self._known = problem, known
        self._losses = to_losses(known, problem.objectives)
        tried = [record.values for record in known]
        surrogate = fit_surrogate(tried, _final_losses(known, problem), problem)
        self._others = {
            column: fit_surrogate(tried, self._losses[:, column], problem)
            for column, objective in enumerate(problem.objectives)
            if column > 0 and objective.name not in problem.known_costs
        }
        expected = np.column_stack([surrogate.middle(tried), self._losses[:, 1:]])
        whole = np.array([record.status == "completed" for record in known])
        running = [record.values for record in history if record.status == "running"]
        coming = np.column_stack([surrogate.middle(running), self._other_losses(running)])
        self._expected = expected
        self._reference = _reference(known, self._losses, problem)
        self._front = np.vstack([expected[whole], coming])
        self._front = self._front[pareto_mask(self._front)]
        self._surrogate: Surrogate = surrogate.believing(running)

    def of(self, candidates: Sequence[Values]) -> np.ndarray:
        """Return the expected gain of each candidate: float (k,)."""
        if not candidates:
            return np.zeros(0)
        draws = self._surrogate.draws(candidates)
        return expected_gain(self._front, self._reference, draws, WEIGHTS, self._other_losses(candidates))

    def best_first(self) -> list[Values]:
        """Return what was trained, front by front; what is not acceptable comes last."""
        ranks = nondomination_rank(self._expected)
        ranks[self._expected[:, 0] > self._problem.worst_loss] += ranks.max() + 1
        return [self._known[i].values for i in np.argsort(ranks, kind="stable")]

    def _other_losses(self, candidates: Sequence[Values]) -> np.ndarray:
        """Return the losses beside the first: float (k, m - 1); exact where the cost is known, else predicted."""
        columns = [np.zeros((len(candidates), 0))]
        for column, objective in enumerate(self._problem.objectives[1:], start=1):
            if column in self._others:
                columns.append(self._others[column].middle(candidates)[:, None])
            else:
                costs = [objective.to_loss(self._problem.cost(objective.name, values)) for values in candidates]
                columns.append(np.array(costs).reshape(-1, 1))
        return np.hstack(columns)


class _Unseen:
    """Makes candidates allowed, and leaves out those that were tried or have come before."""

    def __init__(self, history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator) -> None:
        self._tried, self._problem, self._rng = Tried(history, problem), problem, rng
        self._seen: set[object] = set()

    def of(self, drawn: Iterator[Values]) -> list[Values]:
        """Return the new ones among candidates."""
        found = []
        for values in drawn:
            values = within_limits(values, self._problem, self._rng)
            key = trial_key(self._problem.narrow(values))
            if key not in self._seen and values not in self._tried:
                self._seen.add(key)
                found.append(values)
        return found


def _first_candidates(best: Sequence[Values], problem: Problem, rng: np.random.Generator) -> Iterator[Values]:
    """Draw changes of good candidates, half of them crossed first, and random ones."""
    space = problem.space
    parents = [completed_at_random(values, space, rng) for values in best[:PARENTS]]
    for _ in range(AROUND_FRONT):
        parent = parents[min(rng.integers(len(parents), size=2))]
        if rng.random() < 0.5:
            parent = cross(parent, parents[int(rng.integers(len(parents)))], space, rng)
        yield mutate(parent, space, rng)
    for _ in range(AT_RANDOM):
        yield uniform(space, rng)


def _spread_values(history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator) -> Values | None:
    """The random draw that is farthest from all tried ones, costs included: an even start, cheap to dear."""
    tried = Tried(history, problem)
    draws = [within_limits(uniform(problem.space, rng), problem, rng) for _ in range(SPREAD)]
    found = [values for values in draws if values not in tried]
    if not found or not history:
        return found[0] if found else random_values(history, problem, rng)
    there = features([project(record.values, problem.space) for record in history], problem)
    distance = np.linalg.norm(features(found, problem)[:, None] - there[None], axis=2).min(axis=1)
    return found[int(np.argmax(distance))]


def _final_losses(known: Sequence[TrialRecord], problem: Problem) -> np.ndarray:
    """First losses (n,); of a stopped trial the one it was expected to end with."""
    objective = problem.objectives[0]
    values = [record.metrics.get("predicted_error", record.metrics[objective.name]) for record in known]
    return np.array([objective.to_loss(value) for value in values])


def _reference(known: Sequence[TrialRecord], losses: np.ndarray, problem: Problem) -> np.ndarray:
    """Return the losses up to which the hypervolume of a search is measured.

    Where they are infinite: the worst so far and a tenth of the range more, so that the ends of the front count.
    """
    spread = np.ptp(losses, axis=0)
    seen = losses.max(axis=0) + np.where(spread > 0, 0.1 * spread, 1.0)
    reference = bounds(problem, known)[1]
    return np.where(np.isfinite(reference), reference, np.minimum(seen, problem.worst_loss))
