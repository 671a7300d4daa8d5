"""The second analytic family: a network is as good as its narrowest block, and more is not always better.

The number of blocks is searched, so that parameters of later blocks may have no effect. There is one best reach of all
kernels together and one best dropout, which grows with the network. Each optimiser has its own best rate; the plain one
diverges in deep networks.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.search.worlds.world import World
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import Value, Values

MOST_BLOCKS = 5
WIDTHS = (12, 16, 24, 32, 48, 64, 96, 128)
EXPANSIONS = (1, 2, 3, 4, 6)
KERNELS = (3, 5, 7, 9)
DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
RATES = tuple(float(f"{rate:.2g}") for rate in np.geomspace(1e-4, 0.1, 10))
OPTIMISERS = ("adam", "sgd", "lion")


@dataclass(frozen=True)
class Bottleneck:
    """One instance; weights are of the logit of the error.

    Attributes:
        start, gain: logit of the least network, and what doubling the narrowest block gains.
        expansions: how much of a block's expansion counts for its width, exponent, float (blocks,).
        reach, narrow: the best reach of all kernels, and how much another one costs.
        skip: what skip connections gain for each block beyond the second.
        dropout: best dropout of a network of capacity 8; how much another one costs is `spoiled`.
        optimisers: by name (what it adds, log10 of its best rate, log10 from there to divergence in one block).
        deep: how much of that margin each block takes from plain gradient descent.
    """

    start: float
    gain: float
    expansions: np.ndarray
    reach: float
    narrow: float
    skip: float
    dropout: float
    spoiled: float
    optimisers: dict[str, tuple[float, float, float]]
    deep: float

    def logit(self, values: Values) -> float:
        """Return the logit of the error without noise."""
        blocks = int(values["blocks"])
        added, best, margin = self.optimisers[str(values["optimiser"])]
        off = np.log10(float(values["rate"])) - best
        if off > margin - self.deep * (blocks - 1) * (values["optimiser"] == "sgd"):
            return np.inf
        expansions = np.array([float(values[f"expand{i}"]) for i in range(blocks)])
        widths = np.log2(float(values["width"])) + self.expansions[:blocks] * np.log2(expansions)
        capacity = 0.8 * widths.min() + 0.2 * widths.mean() + 0.4 * np.log2(blocks)
        reach = 1 + sum(float(values[f"kernel{i}"]) - 1 for i in range(blocks))
        bent = self.dropout + 0.08 * (capacity - 8)
        gained = self.gain * capacity + self.skip * max(0, blocks - 2) * (values["skip"] == "yes")
        lost = self.narrow * np.log2(reach / self.reach) ** 2 + 0.5 * off**2
        return float(self.start - gained + lost + self.spoiled * (float(values["dropout"]) - bent) ** 2 + added)


def make_bottleneck(seed: int) -> World:
    """Draw one instance of the family."""
    rng = np.random.default_rng((2, seed))
    instance = Bottleneck(
        start=float(rng.uniform(2.8, 3.8)),
        gain=float(rng.uniform(0.55, 0.8)),
        expansions=rng.uniform(0.3, 0.9, MOST_BLOCKS),
        reach=float(rng.uniform(8, 24)),
        narrow=float(rng.uniform(0.15, 0.5)),
        skip=float(rng.uniform(0.05, 0.3)),
        dropout=float(rng.uniform(0.05, 0.3)),
        spoiled=float(rng.uniform(2, 8)),
        optimisers={
            name: (float(rng.normal(0, 0.25)), float(rng.uniform(*ends)), float(rng.uniform(0.7, 1.5)))
            for name, ends in zip(OPTIMISERS, ((-3, -2.2), (-2, -1.2), (-3.6, -2.8)), strict=True)
        },
        deep=float(rng.uniform(0.05, 0.3)),
    )
    kinds = (("expand", EXPANSIONS), ("kernel", KERNELS))
    blocks = [Param(f"{name}{i}", choices) for i in range(MOST_BLOCKS) for name, choices in kinds]
    space = SearchSpace(
        "bottleneck",
        "",
        (
            Param("blocks", tuple(range(1, MOST_BLOCKS + 1))),
            Param("width", WIDTHS),
            *blocks,
            Param("skip", ("no", "yes")),
            Param("dropout", DROPOUTS),
            Param("rate", RATES),
            Param("optimiser", OPTIMISERS),
        ),
    )
    problem = Problem(space, (TOP1_ERROR, MACS), {"macs": _macs}, narrow=_narrow)
    return World(f"bottleneck-{seed}", problem, instance.logit, float(rng.uniform(0.06, 0.16)))


def _narrow(values: Values) -> dict[str, Value]:
    """Leave out the parameters of blocks that the network lacks."""
    there = int(values.get("blocks", MOST_BLOCKS))
    gone = {f"{name}{i}" for i in range(there, MOST_BLOCKS) for name in ("expand", "kernel")}
    return {name: value for name, value in values.items() if name not in gone}


def _macs(values: Values) -> float:
    """Count inverted bottlenecks: expand, convolve depth by depth, contract; the map halves after every second."""
    width, total = float(values["width"]), 40.0 * 32 * float(values["width"]) * 9
    for i in range(int(values["blocks"])):
        inner = width * float(values[f"expand{i}"])
        total += (2 * width * inner + inner * float(values[f"kernel{i}"]) ** 2) * 320 / 2 ** (i // 2)
    return total
