"""Strategies: pure functions from the history of a problem to the values to try next.

Each takes (history, problem, rng) and returns values inside the space, within the limits, and not in the history;
None when nothing is left to try. The history may hold running trials, which count as tried.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tfkws.errors import SearchError, did_you_mean
from tfkws.tuner.fronts.pareto import crowding_distance, nondomination_rank
from tfkws.tuner.problem.objectives import to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Values, completed
from tfkws.tuner.strategies.candidates import ATTEMPTS, Tried, cross, mutate, random_values, within_limits
from tfkws.tuner.strategies.gain import gain_values
from tfkws.tuner.strategies.optuna_tpe import ask_optuna

History = Sequence[TrialRecord]
Strategy = Callable[[History, Problem, np.random.Generator], Values | None]

POPULATION = 32
STARTUP = 16  # trials before NSGA-II and TPE have something to go by


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
