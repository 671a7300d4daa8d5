"""Learning rates: pure functions of the iteration, and the plateau rule as a frozen state."""

import math
from dataclasses import dataclass, replace

from tfkws.config import TrainConfig


def learning_rate(config: TrainConfig, iteration: int, total: int) -> float:
    """Return the learning rate of `iteration`, a float before any plateau factor.

    After a linear warm-up it is constant, falls by steps, or follows half a cosine (Loshchilov and Hutter,
    arXiv:1608.03983, without restarts).

    Args:
        iteration: optimiser step, from 0.
        total: steps of the whole training.
    """
    if iteration < config.warmup_iterations:
        return config.learning_rate * (iteration + 1) / config.warmup_iterations
    if config.schedule == "cosine":
        done = (iteration - config.warmup_iterations) / max(1, total - config.warmup_iterations)
        return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
    if config.schedule == "step":
        return config.learning_rate * config.step_factor ** (iteration // config.step_iterations)
    return config.learning_rate


@dataclass(frozen=True)
class Plateau:
    """Multiply the rate by a factor when the validation loss has not improved for `patience` epochs.

    Attributes:
        factor: of the rate (float); 1 at first.
        best_loss: smallest validation loss (float) so far.
        epochs_without_gain: since then, or since the last reduction.
    """

    factor: float = 1.0
    best_loss: float = math.inf
    epochs_without_gain: int = 0

    def after(self, loss: float, config: TrainConfig) -> "Plateau":
        """Return the state after one more epoch.

        Args:
            loss: validation loss of the epoch, a float.
            config: with `plateau_patience` (epochs) and `plateau_factor`.
        """
        if loss < self.best_loss:
            return replace(self, best_loss=loss, epochs_without_gain=0)
        if self.epochs_without_gain < config.plateau_patience:
            return replace(self, epochs_without_gain=self.epochs_without_gain + 1)
        return Plateau(self.factor * config.plateau_factor, self.best_loss, 0)
