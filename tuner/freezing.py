"""Pareto-driven freezing, step 5 of Algorithm 1: fix what the front has in common, and say why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.errors import SearchError
from tfkws.tuner.space import Param, SearchSpace
from tfkws.tuner.trials import TrialRecord, Value


@dataclass(frozen=True)
class FreezeRule:
    """When a setting is fixed.

    Attributes:
        min_support: share 0..1 of the front that must have the same value.
        min_members: size of front below which nothing is fixed, because a share of few means little.
    """

    min_support: float = 0.7
    min_members: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.min_support <= 1:
            raise SearchError(f"min_support must lie above 0 and be at most 1. Received {self.min_support}.")


@dataclass(frozen=True)
class Freeze:
    """The decision to fix `param` at `value`, shared by `support` (0..1) of the front."""

    param: str
    value: Value
    support: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def propose_freezes(front: Sequence[TrialRecord], space: SearchSpace, rule: FreezeRule) -> list[Freeze]:
    """Propose, for every free parameter, its commonest value on the front if enough members have it.

    Args:
        front: the Pareto-optimal records. Members outside `space` count too: they stay on the front.

    Returns:
        Freezes in the order of the parameters; applying them and proposing again on the same front gives none.
    """
    if len(front) < rule.min_members:
        return []
    proposals = [_commonest(front, param) for param in space.params if not param.frozen]
    return [freeze for freeze in proposals if freeze is not None and freeze.support >= rule.min_support]


def apply_freezes(space: SearchSpace, freezes: Sequence[Freeze]) -> SearchSpace:
    """Return the space with these parameters fixed."""
    for freeze in freezes:
        space = space.freeze(freeze.param, freeze.value)
    return space


def _commonest(front: Sequence[TrialRecord], param: Param) -> Freeze | None:
    """The commonest value among the choices; of equally common ones the first choice, so that order does not matter."""
    counts = Counter(record.values[param.name] for record in front)
    value = max(param.choices, key=lambda choice: counts[choice])
    support = counts[value] / len(front)
    reason = f"{param.name} is {value} in {counts[value]} of {len(front)} members of the front ({100 * support:.0f} %)"
    return Freeze(param.name, value, support, reason)
