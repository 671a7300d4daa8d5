"""Pareto-driven freezing, step 5 of Algorithm 1: fix what the front has in common, and say why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.errors import SearchError
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import TrialRecord, Value


@dataclass(frozen=True)
class FreezeRule:
    """When a setting is fixed.

    Attributes:
        min_support: share 0..1 of the front that must have the same value.
        min_members: size of front below which nothing is fixed, because a share of few means little.
        max_chance: largest probability 0..1 that so many would share some value if each drew its own at
            random. Of three kernels, one is in 4 of 5 members by chance in one case of seven.
    """

    min_support: float = 0.7
    min_members: int = 5
    max_chance: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.min_support <= 1:
            raise SearchError(f"min_support must lie above 0 and be at most 1. Received {self.min_support}.")


@dataclass(frozen=True)
class Freeze:
    """The decision to fix a parameter.

    Attributes:
        param: name of the parameter.
        value: to fix it at.
        support: share 0..1 of the front that has this value.
        chance: probability 0..1 that so many would share some value by chance.
        reason: a sentence for people.
    """

    param: str
    value: Value
    support: float
    chance: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def propose_freezes(front: Sequence[TrialRecord], space: SearchSpace, rule: FreezeRule) -> list[Freeze]:
    """Propose, for every free parameter, its commonest value on the front if enough members have it, and not by chance.

    Args:
        front: the Pareto-optimal records. Members outside `space` count too: they stay on the front.

    Returns:
        Freezes in the order of the parameters; applying them and proposing again on the same front gives
        none.

    Example:
        >>> space = SearchSpace("s", "seed_cnn", (Param("kernel", (1, 3, 5)), Param("width", (8, 16))))
        >>> front = [TrialRecord(n, 0, {"kernel": 3, "width": 8 * (1 + n % 2)}, "completed") for n in range(6)]
        >>> [(freeze.param, freeze.value, freeze.support) for freeze in propose_freezes(front, space, FreezeRule())]
        [('kernel', 3, 1.0)]
    """
    if len(front) < rule.min_members:
        return []
    proposals = [_commonest(front, param) for param in space.params if not param.frozen]
    return [one for one in proposals if one.support >= rule.min_support and one.chance <= rule.max_chance]


def apply_freezes(space: SearchSpace, freezes: Sequence[Freeze]) -> SearchSpace:
    """Return the space with these parameters fixed."""
    for freeze in freezes:
        space = space.freeze(freeze.param, freeze.value)
    return space


def chance_of(shared: int, members: int, choices: int) -> float:
    """Return the probability, 0..1, that a front agrees so well by chance.

    It is that of one of `choices` equally likely values being drawn at least `shared` times by `members`: the
    sum over the values, which is exact where two of them cannot both be that common, and never too small.

    Args:
        shared: members of the front with the commonest value.
        members: of the front.
        choices: number of values.
    """
    from scipy.stats import binom

    return min(1.0, choices * float(binom.sf(shared - 1, members, 1 / choices)))


def _commonest(front: Sequence[TrialRecord], param: Param) -> Freeze:
    """Propose the commonest value among the choices; of equally common ones the first choice."""
    counts = Counter(record.values[param.name] for record in front)
    value = max(param.choices, key=lambda choice: counts[choice])
    support, chance = counts[value] / len(front), chance_of(counts[value], len(front), len(param.choices))
    reason = (
        f"{param.name} is {value} in {counts[value]} of {len(front)} members of the front ({100 * support:.0f} %); "
        f"chance alone does that in {100 * chance:.2g} %"
    )
    return Freeze(param.name, value, support, chance, reason)
