"""A step by the class with which `tfkws train` learns, as it is installed."""

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.steps import recipe
from benchmarks.speed.steps.by_keras import runtime
from benchmarks.speed.steps.description import Layer
from benchmarks.speed.steps.networks import TimedNetwork


def prepare(
    layers: list[Layer], shape: list[int], classes: int, batch: int, network: dict[str, Any], checkout: str = ""
) -> tuple[Any, dict[str, Any]]:
    """Build the registered network, and return the learner's step, and facts.

    Args:
        network: the fields of a `TimedNetwork`.
        checkout: folder of another checkout, whose package is taken; "" for this one.
    """
    if checkout:
        import_from(checkout)
    from tfkws.training.learner import Learner
    from tfkws.training.recipes import RECIPES

    built = TimedNetwork(**network).build()
    learner = Learner(built, RECIPES["best"])
    numbers = itertools.count()

    def step(maps: np.ndarray, labels: np.ndarray) -> float:
        return learner.step(next(numbers), RECIPES["best"].learning_rate, maps, labels)

    kind = getattr(learner, "step_kind", "keras")  # earlier commits have Keras' own alone
    weights = sum(int(np.prod(weight.shape)) for weight in built.trainable_weights)
    return recipe.on_batches(step, shape, classes, batch), {"weights": weights, "step": kind, **runtime()}


def import_from(checkout: str) -> None:
    """Import `tfkws` from another checkout, so that all its modules come from there.

    Raises:
        RuntimeError: it was imported from elsewhere before.
    """
    sys.path.insert(0, checkout)
    import tfkws

    sys.path.remove(checkout)
    if Path(tfkws.__file__).parents[1] != Path(checkout):
        raise RuntimeError(f"tfkws was imported from {tfkws.__file__} already")
