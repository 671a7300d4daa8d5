"""How compressed networks are fine-tuned: short cosines at lower rates than those that trained them."""

from dataclasses import replace

from tfkws.config import TrainConfig
from tfkws.training.recipes import with_iterations

RECIPES: dict[str, TrainConfig] = {
    # The network is trained; only rounding is new to it. Its own answers teach it, not the labels, which it would learn
    # by heart in these few steps at a low rate.
    "quantization-aware": TrainConfig(
        recipe="quantization-aware",
        learning_rate=1e-3,
        warmup_iterations=50,
        iterations=1_000,
        distillation_weight=1.0,
    ),
    # What is left has to take over what is gone.
    "pruned": TrainConfig(recipe="pruned", learning_rate=5e-3, warmup_iterations=100, iterations=2_000),
}


def fine_tuning(method: str, source: TrainConfig, iterations: int | None = None, seed: int = 0) -> TrainConfig:
    """The recipe of a method, with the batches and the augmentation that the network was trained with.

    Args:
        method: "quantization-aware" or "pruned".
        source: how the network was trained.
        iterations: optimiser steps instead of the recipe's.
    """
    recipe = replace(RECIPES[method], batch_size=source.batch_size, augment=source.augment, seed=seed)
    return recipe if iterations is None else with_iterations(recipe, iterations)
