"""Paper A's Table 2 by the equations of its appendix. Pure: from steps to rows.

For a category c of layers, over T repeats (its "trials") in which n_t layers run:

    r_c = 1/T sum_t sum_l runtime(l) {l in c}
    k_c = 1/T sum_t sum_l {l in c}
    m_c = 1/T sum_t sum_l FLOPS(l) {l in c}

The paper prints r_c / k_c as average time, m_c / k_c as average FLOPS (a count, twice the multiply-accumulates), and
r_c over the sum of all r as PAR, the share of the aggregate runtime.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.graphs.layer_kinds import OTHER, in_order
from tfkws.profiling.explain.steps import Step, Steps
from tfkws.profiling.measure.layer_profile import mean

DEPTHWISE = "DepthwiseConv2D"


@dataclass(frozen=True)
class CategoryRow:
    """One category of one profile.

    Attributes:
        steps: layers or operators that run in one inference.
        runs: k_c, over a repeat.
        runtime_us: r_c.
        flops: m_c, a count: 2 x MACs.
        share: PAR, 0..1.
        folded: layers of the Keras model that are computed within others; 0 for Keras layers themselves.
    """

    category: str
    steps: int
    runs: float
    runtime_us: float
    flops: float
    share: float
    folded: int = 0

    @property
    def average_us(self) -> float:
        """Mean time of one run of one layer, in µs; 0 where all are folded."""
        return self.runtime_us / self.runs if self.runs else 0.0

    @property
    def average_flops(self) -> float:
        """FLOPS of one run of one layer, a count (float)."""
        return self.flops / self.runs if self.runs else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"average_us": self.average_us, "average_flops": self.average_flops}


def category_rows(
    profile: Steps, depthwise_apart: bool = False, layers: Mapping[str, str] | None = None
) -> tuple[CategoryRow, ...]:
    """Sum the steps of each category by the equations of paper A's appendix; times in µs.

    Args:
        depthwise_apart: paper A counts depthwise convolutions as convolutions.
        layers: category of each layer of the Keras model by name: those without an operator of their own are
            folded.
    """
    groups: dict[str, list[Step]] = {}
    for step in profile.timed:
        groups.setdefault(merged(step.category, depthwise_apart), []).append(step)
    folded = _folded(profile, layers or {}, depthwise_apart)
    total = sum(_runtime(steps) for steps in groups.values()) or 1.0
    return tuple(_row(name, groups.get(name, []), folded.get(name, 0), total) for name in in_order({*groups, *folded}))


def _row(category: str, steps: Sequence[Step], folded: int, total: float) -> CategoryRow:
    return CategoryRow(
        category=category,
        steps=len(steps),
        runs=sum(step.runs for step in steps),
        runtime_us=_runtime(steps),
        flops=sum(2 * step.macs * step.runs for step in steps),
        share=_runtime(steps) / total,
        folded=folded,
    )


def _runtime(steps: Sequence[Step]) -> float:
    return sum(mean(step.trial_us) for step in steps)


def _folded(profile: Steps, layers: Mapping[str, str], depthwise_apart: bool) -> dict[str, int]:
    """Number of Keras layers of each category without an operator of their own; "Other" is left out."""
    own = {(step.name, step.category) for step in profile.timed}
    counts: dict[str, int] = {}
    for name, category in layers.items():
        if (name, category) not in own and category != OTHER:
            counts[merged(category, depthwise_apart)] = counts.get(merged(category, depthwise_apart), 0) + 1
    return counts


def merged(category: str, depthwise_apart: bool) -> str:
    """Return the category to show: paper A counts depthwise convolutions as convolutions."""
    return "Conv2D" if category == DEPTHWISE and not depthwise_apart else category
