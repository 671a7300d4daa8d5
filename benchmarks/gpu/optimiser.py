"""AdamW with warm-up, cosine and a running average of the weights, for a loop that is compiled whole. JAX alone.

Keras' optimisers hold variables of their own, which a loop on the device cannot carry along.
"""

from dataclasses import dataclass
from typing import Any

BETAS = (0.9, 0.999)  # Kingma and Ba 2015
SMALL = 1e-8

State = tuple[Any, ...]  # step, first moments, second moments, average


@dataclass(frozen=True)
class AdamW:
    """The settings of an optimiser; Loshchilov and Hutter 2019, "Decoupled weight decay regularization".

    Attributes:
        rate: the largest learning rate.
        steps: of the whole training; the first `warmup` rise, then a cosine falls to 0.
        decay: of weights with more than one dimension, times the rate of the step.
        average: decay of the running average of the weights.
    """

    rate: float
    steps: int
    warmup: int
    decay: float = 0.01
    average: float = 0.998

    def start(self, weights: list[Any]) -> State:
        """Return the state before the first step: step, both moments, average."""
        import jax.numpy as jnp

        first, second = ([jnp.zeros_like(weight) for weight in weights] for _ in range(2))
        return jnp.zeros((), jnp.int32), first, second, [jnp.array(weight) for weight in weights]

    def rate_at(self, step: Any) -> Any:
        """Return the learning rate of a step, counted from 0."""
        import jax.numpy as jnp

        rising = (step + 1) / max(self.warmup, 1)
        done = (step - self.warmup) / max(self.steps - self.warmup, 1)
        falling = 0.5 * (1 + jnp.cos(jnp.pi * jnp.clip(done, 0.0, 1.0)))
        return self.rate * jnp.where(step < self.warmup, rising, falling)

    def step(self, weights: list[Any], gradients: list[Any], state: State) -> tuple[list[Any], State]:
        """Return weights and state after one step."""
        import jax.numpy as jnp

        step, first, second, average = state
        rate, number = self.rate_at(step), step + 1
        first = [BETAS[0] * m + (1 - BETAS[0]) * g for m, g in zip(first, gradients, strict=True)]
        second = [BETAS[1] * v + (1 - BETAS[1]) * g * g for v, g in zip(second, gradients, strict=True)]
        moves = [
            m / (1 - BETAS[0] ** number) / (jnp.sqrt(v / (1 - BETAS[1] ** number)) + SMALL)
            for m, v in zip(first, second, strict=True)
        ]
        shrink = [self.decay * w if w.ndim > 1 else 0.0 for w in weights]
        weights = [w - rate * (m + s) for w, m, s in zip(weights, moves, shrink, strict=True)]
        average = [self.average * a + (1 - self.average) * w for a, w in zip(average, weights, strict=True)]
        return weights, (number, first, second, average)
