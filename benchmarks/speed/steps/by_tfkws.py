"""A step by the class with which `tfkws train` learns, under the kernels that it chooses, as the package is."""

import itertools
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.steps import recipe
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
    timed = TimedNetwork(**network)
    with chosen_kernels(timed, shape, classes):  # before TensorFlow is imported, which happens inside
        from tfkws.training.learner import Learner
        from tfkws.training.recipes import RECIPES

        built = timed.build()
        learner = Learner(built, RECIPES["best"])
    numbers = itertools.count()

    def step(maps: np.ndarray, labels: np.ndarray) -> float:
        return learner.step(next(numbers), RECIPES["best"].learning_rate, maps, labels)

    from benchmarks.speed.steps.by_keras import runtime

    facts = {
        "weights": sum(int(np.prod(weight.shape)) for weight in built.trainable_weights),
        "step": getattr(learner, "step_kind", "keras"),  # earlier commits have Keras' own alone
    }
    return recipe.on_batches(step, shape, classes, batch), facts | runtime()


def chosen_kernels(network: TimedNetwork, shape: list[int], classes: int) -> AbstractContextManager[None]:
    """Return what lets TensorFlow take the kernels that `tfkws train` would; earlier commits leave that to it."""
    try:
        from tfkws.training.kernels.setting import faster_kernels_set
        from tfkws.training.kernels.step_timer import TrainingStep
    except ImportError:
        return nullcontext()
    from tfkws.config import ModelConfig
    from tfkws.training.recipes import RECIPES

    best = RECIPES["best"]
    step = TrainingStep(ModelConfig(network.registered, network.variant), tuple(shape), classes, best)
    return faster_kernels_set(step, best.iterations or 0)


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
