"""Which configurations of the paper-table space are trained, and in which order."""

import math

import numpy as np

from tfkws.models.conv_units import decode_units
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Values, trial_key

INPUT_SHAPE = (40, 32, 1)
POOL = 20_000  # draws among which evenly spread ones are picked

Drawn = tuple[str, Values]


def make_problem(classes: int, max_macs: float | None = None) -> Problem:
    """Return the paper-table space under TOP-1 error and MACs."""
    space = SPACES["paper-table"]
    limits = {} if max_macs is None else {"macs": max_macs}
    return Problem(space, (TOP1_ERROR, MACS), known_costs(space, INPUT_SHAPE, classes), limits)


def draw_configurations(problem: Problem, count: int, seed: int) -> list[Drawn]:
    """Draw different configurations: kws1 to kws12, of the rest three in four spread over log MACs, one uniform.

    They come in random order, so that a table that is not finished is a fair part of the whole.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[tuple, Drawn] = {}

    def take(sort: str, values: Values) -> None:
        if problem.feasible(values):
            drawn.setdefault(trial_key(values), (sort, values))

    for values in table_ii(problem.space):
        take("paper", values)
    for values in spread(problem, (count - len(drawn)) * 3 // 4, rng):
        take("spread", values)
    while len(drawn) < count:
        take("random", problem.space.values_at([int(rng.integers(len(p.choices))) for p in problem.space.params]))
    listed = list(drawn.values())[:count]
    return [listed[i] for i in rng.permutation(len(listed))]


def table_ii(space: SearchSpace) -> list[Values]:
    """Return the networks of paper B that lie in the space: all but the seed, whose first kernel is not square."""
    from tfkws.models.seed_cnn import TABLE_II

    found: list[Values] = []
    for convs in TABLE_II.values():
        values: dict[str, int | float | str] = {}
        for number, unit in enumerate(decode_units(convs), start=1):
            values |= {f"conv{number}_k": unit.kernel_height, f"conv{number}_m": unit.filters}
            if unit.kernel_height != unit.kernel_width:
                break
        else:
            found.append(values)
    return found


def spread(problem: Problem, count: int, rng: np.random.Generator) -> list[Values]:
    """Draw configurations whose MACs are evenly spaced on a logarithmic scale."""
    pool = [values for values in (_scaled(problem.space, rng) for _ in range(POOL)) if problem.feasible(values)]
    logs = np.array([math.log(problem.known_costs["macs"](values)) for values in pool])
    free = np.ones(len(pool), dtype=bool)
    picked = []
    for target in np.linspace(logs.min(), logs.max(), count):
        nearest = int(np.argmin(np.where(free, np.abs(logs - target), np.inf)))
        free[nearest] = False
        picked.append(pool[nearest])
    return picked


def _scaled(space: SearchSpace, rng: np.random.Generator) -> Values:
    """Draw from the first choices of each parameter, by a common share of them: small networks as often as large."""
    share = rng.random()
    tops = [max(1, math.ceil(share * len(param.choices))) for param in space.params]
    return space.values_at([int(rng.integers(top)) for top in tops])
