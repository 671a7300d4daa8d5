"""Dropout, whose masks Keras draws from the layer's own random state."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np

from tfkws.training.native.kernels import elementwise as kernels
from tfkws.training.native.maps import Map
from tfkws.training.native.operations.elementwise import elementwise
from tfkws.training.native.plan import Plan


class Seeds(keras.random.SeedGenerator):
    """A layer's random state, counted here while compiled steps run: to ask Keras takes as long as to draw.

    Args:
        layer: a dropout of Keras.
    """

    def __init__(self, layer: Any) -> None:
        self._generator = layer.seed_generator
        self.fetch()

    def fetch(self) -> None:
        """Take the state over from the layer."""
        self._now = np.array(self._generator.state)

    def hand_back(self) -> None:
        """Give the state to the layer."""
        self._generator.state.assign(self._now)

    def next(self, ordered: bool = True) -> np.ndarray:
        """Return the state, and count on as Keras does: int (2,)."""
        now = self._now
        self._now = now + np.array([0, 1], now.dtype)
        return now


@dataclass(frozen=True)
class Dropout:
    """Keras' dropout, which draws its mask itself."""

    read: int
    written: int
    layer: Any
    seeds: Seeds

    def forwards(self, plan: Plan) -> None:
        """Multiply by the mask; an answer is taken as it is."""
        x, y = plan.maps[self.read], plan.maps[self.written]
        if plan.is_answering:
            plan.forwards.append(elementwise("add", kernels.add, y, x))
            return
        mask = self._mask(plan)
        plan.draws.append(partial(draw_mask, self.layer, self.seeds, mask))
        plan.forwards.append(elementwise("multiply", kernels.multiply, y, x, mask))

    def backwards(self, plan: Plan) -> None:
        """Multiply the gradient by the mask."""
        dx, dy = plan.gradients[self.read], plan.gradients[self.written]
        plan.must_be_first(self.read, self.layer.name)
        plan.backwards.append(elementwise("multiply", kernels.multiply, dx, dy, self._mask(plan)))

    def _mask(self, plan: Plan) -> Map:
        return plan.masks.setdefault(self.written, Map(plan.maps[self.read].shape, plan.clips))


def draw_mask(layer: Any, seeds: Seeds, mask: Map) -> None:
    """Draw a mask as the layer does."""
    shape = mask.shape
    channels_last = (mask.clips, shape.rows, shape.columns, shape.channels)
    ones = keras.ops.ones(channels_last if len(layer.input.shape) == 4 else (mask.clips, shape.channels))
    spread = layer._get_noise_shape(ones) if hasattr(layer, "_get_noise_shape") else layer.noise_shape
    drawn = keras.random.dropout(ones, layer.rate, noise_shape=spread, seed=seeds)
    mask.values[...] = np.asarray(drawn).reshape(channels_last).transpose(3, 1, 2, 0)
