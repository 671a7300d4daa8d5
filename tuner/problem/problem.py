"""The problem of a search: space, objectives, what is known of candidates before training, and limits on that."""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tfkws.errors import SearchError
from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Value, Values

KnownCost = Callable[[Values], float]


@dataclass(frozen=True)
class Problem:
    """What a strategy finds candidates for.

    Attributes:
        space: where to look.
        objectives: the first one is learned by training; others may be known beforehand.
        known_costs: value by name before any training, for example of "macs" and "param_count"; infinite for
            a candidate that must not be tried. Called often, so it should be fast, or cached.
        limits: largest value (float) allowed of a known cost. They bound the draw: what is above is never
            tried.
        worst: worst acceptable value of the first objective, which is known after training only: a candidate
            that is worse is on no front. None for no such bound.
        narrow: leaves of values what has an effect under them, for spaces with conditions.
        added: parameters that came after the trials that have no value for them, which so are no other's twins.

    Raises:
        SearchError: there is no objective, one twice, or a limit of something that is no known cost.
    """

    space: SearchSpace
    objectives: tuple[Objective, ...]
    known_costs: Mapping[str, KnownCost] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    worst: float | None = None
    narrow: Callable[[Values], dict[str, Value]] = dict
    added: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if len({objective.name for objective in self.objectives}) < max(1, len(self.objectives)):
            raise SearchError("A search needs at least one objective, each once.")
        for name in self.limits:
            if name not in self.known_costs:
                raise SearchError(
                    f"A limit on {name} needs its cost before training; known are {list(self.known_costs)}."
                )

    def feasible(self, values: Values) -> bool:
        """Return whether all known costs of values are finite and hold their limits."""
        narrow = self.narrow(values)
        return all(cost(narrow) <= self.limits.get(name, sys.float_info.max) for name, cost in self.known_costs.items())

    def cost(self, name: str, values: Values) -> float:
        """Return a known cost of values, of those that have an effect."""
        return self.known_costs[name](self.narrow(values))

    @property
    def worst_loss(self) -> float:
        """Largest acceptable loss of the first objective, a float; infinite without a bound."""
        return math.inf if self.worst is None else self.objectives[0].to_loss(self.worst)

    def within(self, space: SearchSpace) -> "Problem":
        """Return the same problem in another space, for example after freezing."""
        return replace(self, space=space)
