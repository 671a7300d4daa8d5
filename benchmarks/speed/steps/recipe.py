"""The settings of the recipe `best` as the peers' own optimisers take them, and the batches that all learn."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

RATE = 1e-2
WEIGHT_DECAY = 2e-3
LABEL_SMOOTHING = 0.05
AVERAGE_DECAY = 0.998

Step = Callable[[np.ndarray, np.ndarray], float]  # maps (b, 40, 32, 1) and labels (b,) to the loss


def on_batches(step: Step, shape: Sequence[int], classes: int, batch: int) -> Callable[[int], float]:
    """Return a step that is given its number, and takes one of a few batches by that."""
    drawn = batches(shape, classes, batch)
    return lambda number: step(*drawn[number % len(drawn)])


def batches(shape: Sequence[int], classes: int, batch: int, count: int = 4) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw maps and labels that every peer learns, float32 (b, *shape) and int (b,).

    A step takes the same time whatever is in them.
    """
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(batch, *shape)).astype(np.float32), rng.integers(0, classes, batch)) for _ in range(count)
    ]


def one_hot(labels: np.ndarray, classes: int) -> Any:
    """Return float32 (b, classes)."""
    return np.eye(classes, dtype=np.float32)[labels]
