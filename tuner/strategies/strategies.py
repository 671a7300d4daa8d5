"""Strategies: pure functions from the history of a problem to the values to try next.

Each takes (history, problem, rng) and returns values inside the space, within the limits, and not in the history;
None when nothing is left to try. The history may hold running trials, which count as tried.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tfkws.errors import SearchError, did_you_mean
from tfkws.tuner.fronts.hypervolume import expected_gain
from tfkws.tuner.fronts.pareto import crowding_distance, nondomination_rank, pareto_mask
from tfkws.tuner.problem.objectives import to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Values, completed, trial_key
from tfkws.tuner.strategies.candidates import (
    ENUMERABLE,
    Tried,
    completed_at_random,
    cross,
    mutate,
    project,
    uniform,
    untried,
    within_limits,
)
from tfkws.tuner.strategies.optuna_tpe import ask_optuna
from tfkws.tuner.strategies.surrogate import features, predict

History = Sequence[TrialRecord]
Strategy = Callable[[History, Problem, np.random.Generator], Values | None]

ATTEMPTS = 500
POPULATION = 32
STARTUP = 16  # trials before a strategy has something to go by
AROUND_FRONT, AT_RANDOM, FROM_OPTUNA = 160, 60, 4  # candidates that compete for one trial


def random_values(history: History, problem: Problem, rng: np.random.Generator) -> Values | None:
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


def nsga2_values(history: History, problem: Problem, rng: np.random.Generator) -> Values | None:
    """Cross and mutate two good candidates, in steady state with all of the history as archive.

    Source: NSGA-II, Deb et al. 2002, IEEE Transactions on Evolutionary Computation 6(2).
    """
    known = completed(history)
    if len(known) < STARTUP:
        return random_values(history, problem, rng)
    population, tried = _best_first(known, problem)[:POPULATION], Tried(history, problem)
    child: Values
    for _ in range(ATTEMPTS):
        # The lower of two random positions in an ordered population is the winner of a tournament.
        first, second = (population[min(rng.integers(len(population), size=2))] for _ in range(2))
        child = mutate(cross(first.values, second.values, problem.space, rng), problem.space, rng)
        child = within_limits(child, problem, rng)
        if child not in tried:
            return child
    return random_values(history, problem, rng)


def tpe_values(history: History, problem: Problem, rng: np.random.Generator) -> Values | None:
    """Ask Optuna's tree-structured Parzen estimator for several objectives; Ozaki et al. 2022, JAIR 73."""
    if len(completed(history)) < STARTUP or not problem.space.free:
        return random_values(history, problem, rng)
    tried = Tried(history, problem)
    values: Values = {}
    for values in ask_optuna(history, problem, rng, count=10):
        if values not in tried and problem.feasible(values):
            return values
    # It has settled on what was tried or is not allowed: step aside from its last proposal.
    for _ in range(ATTEMPTS):
        aside = within_limits(mutate(values, problem.space, rng), problem, rng)
        if aside not in tried:
            return aside
    return random_values(history, problem, rng)


def gain_values(history: History, problem: Problem, rng: np.random.Generator) -> Values | None:
    """Choose the candidate with the largest expected gain in hypervolume, given its known costs.

    Candidates are drawn around the front, at random and from Optuna's estimator. A Gaussian process predicts
    their first loss; their other losses are known before training, or predicted too where they are not.
    """
    known = [record for record in history if record.status in ("completed", "stopped")]
    if len(known) < STARTUP or not problem.space.free:
        return _spread_values(history, problem, rng)
    candidates = _candidates(history, problem, rng)
    if not candidates:
        return random_values(history, problem, rng)
    return candidates[int(np.argmax(_expected_gains(known, candidates, problem)))]


STRATEGIES: dict[str, Strategy] = {
    "ours": gain_values,
    "tpe": tpe_values,
    "nsga2": nsga2_values,
    "random": random_values,
}


def get_strategy(name: str) -> Strategy:
    """Return a strategy by name.

    Raises:
        SearchError: no strategy of that name.
    """
    if name not in STRATEGIES:
        known = f"There is no strategy {name!r}; choose {', '.join(STRATEGIES)}."
        raise SearchError(known + did_you_mean(name, STRATEGIES))
    return STRATEGIES[name]


def _best_first(records: Sequence[TrialRecord], problem: Problem) -> list[TrialRecord]:
    """Order by front, the acceptable ones first, within a front by crowding distance, the loneliest first."""
    losses = to_losses(records, problem.objectives)
    ranks = nondomination_rank(losses)
    ranks[losses[:, 0] > problem.worst_loss] += ranks.max() + 1
    distance = np.zeros(len(records))
    for rank in np.unique(ranks):
        distance[ranks == rank] = crowding_distance(losses[ranks == rank])
    return [records[i] for i in np.lexsort((-distance, ranks))]


def _spread_values(history: History, problem: Problem, rng: np.random.Generator) -> Values | None:
    """The random draw that is farthest from all tried ones, costs included: an even start, cheap to dear."""
    tried = Tried(history, problem)
    draws = [within_limits(uniform(problem.space, rng), problem, rng) for _ in range(AT_RANDOM)]
    found = [values for values in draws if values not in tried]
    if not found or not history:
        return found[0] if found else random_values(history, problem, rng)
    there = features([project(record.values, problem.space) for record in history], problem)
    distance = np.linalg.norm(features(found, problem)[:, None] - there[None], axis=2).min(axis=1)
    return found[int(np.argmax(distance))]


def _candidates(history: History, problem: Problem, rng: np.random.Generator) -> list[Values]:
    """Different untried candidates within the limits."""
    space, best = problem.space, _best_first(completed(history) or list(history), problem)
    front = [completed_at_random(record.values, space, rng) for record in best[:POPULATION]]
    drawn: list[Values] = list(ask_optuna(history, problem, rng, count=FROM_OPTUNA))
    for _ in range(AROUND_FRONT):
        parent = front[min(rng.integers(len(front), size=2))]
        if rng.random() < 0.5:
            parent = cross(parent, front[int(rng.integers(len(front)))], space, rng)
        drawn.append(mutate(parent, space, rng))
    drawn += [uniform(space, rng) for _ in range(AT_RANDOM)]
    allowed = [within_limits(values, problem, rng) for values in drawn]
    tried = Tried(history, problem)
    return list({trial_key(problem.narrow(values)): values for values in allowed if values not in tried}.values())


def _expected_gains(known: list[TrialRecord], candidates: list[Values], problem: Problem) -> np.ndarray:
    losses = to_losses(known, problem.objectives)
    targets = _final_losses(known, problem)
    mean, deviation = predict(known, targets, candidates, problem)
    columns = [_known_losses(known, losses, candidates, problem, j) for j in range(1, losses.shape[1])]
    others = np.stack(columns, axis=1) if columns else np.zeros((len(candidates), 0))
    whole = np.array([record.status == "completed" for record in known])
    front = losses[whole][pareto_mask(losses[whole])]
    reference = _reference(losses)
    reference[0] = min(reference[0], problem.worst_loss)
    return expected_gain(front, reference, mean, deviation, others)


def _final_losses(known: Sequence[TrialRecord], problem: Problem) -> np.ndarray:
    """First losses (n,); of a stopped trial the one it was expected to end with."""
    objective = problem.objectives[0]
    values = [record.metrics.get("predicted_error", record.metrics[objective.name]) for record in known]
    return np.array([objective.to_loss(value) for value in values])


def _known_losses(
    known: list[TrialRecord], losses: np.ndarray, candidates: list[Values], problem: Problem, column: int
) -> np.ndarray:
    """Loss (k,) of candidates in one objective: exact where its cost is known, else predicted."""
    objective = problem.objectives[column]
    if objective.name in problem.known_costs:
        return np.array([objective.to_loss(problem.cost(objective.name, values)) for values in candidates])
    return predict(known, losses[:, column], candidates, problem)[0]


def _reference(losses: np.ndarray) -> np.ndarray:
    """The worst of each loss so far and a tenth of its range more, so that the ends of the front count."""
    spread = np.ptp(losses, axis=0)
    return losses.max(axis=0) + np.where(spread > 0, 0.1 * spread, 1.0)
