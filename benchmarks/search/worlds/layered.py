"""The first analytic family: layers that add up, pairs of them that help each other, and a valley of learning rates.

Every filter and every row of a kernel helps less than the one before. The best rate falls with the width of the
network, and above a few times that rate training diverges.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.search.worlds.world import World
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import Values

FILTERS = (8, 12, 16, 24, 32, 48, 64, 96)
KERNELS = (1, 3, 5, 7)
RATES = tuple(float(f"{rate:.2g}") for rate in np.geomspace(3e-4, 0.1, 9))
ACTIVATIONS = ("relu", "swish", "tanh", "leaky")


@dataclass(frozen=True)
class Layered:
    """One instance; weights are of the logit of the error.

    Attributes:
        start: logit of a network that has nothing.
        filters, kernels: what each layer's filters and kernel are worth at most, float (layers,).
        halves: filters at which a layer has half of that, float (layers,).
        pairs: what two neighbouring layers are worth if both are wide, float (layers - 1,).
        activation: what each activation adds.
        rate: best learning rate of a network of mean width, log10; `steepness` of the valley; `margin` in log10 to
            where training diverges.
    """

    start: float
    filters: np.ndarray
    kernels: np.ndarray
    halves: np.ndarray
    pairs: np.ndarray
    activation: Mapping[str, float]
    rate: float
    steepness: float
    margin: float

    def logit(self, values: Values) -> float:
        """Return the logit of the error without noise."""
        count = len(self.filters)
        filters = np.array([float(values[f"conv{i}_m"]) for i in range(count)])
        kernels = np.array([float(values[f"conv{i}_k"]) for i in range(count)])
        wide, reach = filters / (filters + self.halves), 1 - np.exp(-(kernels - 1) / 2)
        gain = self.filters @ wide + self.kernels @ reach + self.pairs @ (wide[1:] * wide[:-1])
        best = self.rate - 0.5 * (np.log2(filters).mean() - 4.8) / 2
        off = np.log10(float(values["rate"])) - best
        if off > self.margin:
            return np.inf
        return float(self.start - gain + self.activation[str(values["activation"])] + self.steepness * off**2)


def make_layered(seed: int) -> World:
    """Draw one instance of the family."""
    rng = np.random.default_rng((1, seed))
    count = int(rng.integers(4, 7))
    instance = Layered(
        start=float(rng.uniform(2.0, 3.0)),
        filters=rng.dirichlet(np.full(count, 2.0)) * rng.uniform(3.0, 4.5),
        kernels=rng.dirichlet(np.full(count, 1.0)) * rng.uniform(0.8, 2.0),
        halves=rng.uniform(6, 40, count),
        pairs=rng.dirichlet(np.full(count - 1, 1.0)) * rng.uniform(0.5, 1.5),
        activation=dict(zip(ACTIVATIONS, rng.normal(0, 0.25, len(ACTIVATIONS)), strict=True)),
        rate=float(rng.uniform(-2.6, -1.8)),
        steepness=float(rng.uniform(0.4, 1.2)),
        margin=float(rng.uniform(0.5, 1.2)),
    )
    kinds = (("k", KERNELS), ("m", FILTERS))
    params = [Param(f"conv{i}_{kind}", choices) for i in range(count) for kind, choices in kinds]
    space = SearchSpace("layered", "", (*params, Param("rate", RATES), Param("activation", ACTIVATIONS)))
    positions = np.sort(rng.choice([1280, 640, 320, 160, 80], count))[::-1]

    def macs(values: Values) -> float:
        before, total = 1.0, 0.0
        for i in range(count):
            after = float(values[f"conv{i}_m"])
            total += float(values[f"conv{i}_k"]) ** 2 * before * after * positions[i]
            before = after
        return total + before * 10

    problem = Problem(space, (TOP1_ERROR, MACS), {"macs": macs})
    return World(f"layered-{seed}", problem, instance.logit, float(rng.uniform(0.06, 0.16)))
