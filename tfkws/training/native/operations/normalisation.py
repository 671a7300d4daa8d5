"""Batch normalisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels import normalisation
from tfkws.training.native.maps import Map, aligned
from tfkws.training.native.operations.elementwise import merged_rows
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import call


@dataclass(frozen=True)
class Normalisation:
    """Batch normalisation, by the batch's statistics in a step, with the ReLU that follows it.

    Attributes:
        layer: with Keras' names of variables and settings.
        bands: rows of each part that has statistics of its own; one part is all rows.
    """

    read: int
    written: int
    layer: Any
    activated: bool
    bands: tuple[int, ...]

    def forwards(self, plan: Plan) -> None:
        """Write y, and what the gradient needs."""
        x, y, layer = plan.maps[self.read], plan.maps[self.written], self.layer
        settings = np.array([layer.momentum, 1 - layer.momentum, layer.epsilon], np.float32)
        items, length = self._items(x, y)
        write = normalisation.normalise_by_running if plan.is_answering else normalisation.normalise
        kernel = KERNELS.add(
            f"{write.__name__}{'_relu' * self.activated}",
            lambda module, name: write(module, name, lanes(), self.activated),
        )
        weights = [plan.weights.at(one) for one in (layer.gamma, layer.beta)]
        running = [plan.running.at(one) for one in (layer.moving_mean, layer.moving_variance)]
        arrays = (x.start, y.start, items, *weights, *running, self._kept(plan), settings)
        plan.forwards.append(call(kernel, *arrays, len(items), length, x.row_pitch, y.row_pitch))

    def backwards(self, plan: Plan) -> None:
        """Write the gradients by x, gamma and beta."""
        x, dy, dx = plan.maps[self.read], plan.gradients[self.written], plan.gradients[self.read]
        plan.must_be_first(self.read, self.layer.name)
        items, length = self._items(dy, x, dx)
        kernel = KERNELS.add(
            f"normalise_gradient{'_relu' * self.activated}",
            lambda module, name: normalisation.normalise_gradient(module, name, lanes(), self.activated),
        )
        variables = (self.layer.gamma, self.layer.beta)
        weights = [plan.weights.at(one) for one in variables]
        slopes = [plan.weights.at(one, plan.gradient) for one in variables]
        arrays = (dy.start, x.start, dx.start, items, *weights, self._kept(plan), *slopes)
        plan.backwards.append(call(kernel, *arrays, len(items), length, dy.row_pitch, x.row_pitch, dx.row_pitch))

    def _kept(self, plan: Plan) -> np.ndarray:
        return plan.kept.setdefault(self.written, aligned(2 * int(np.prod(self.layer.gamma.shape))))

    def _items(self, *maps: Map) -> tuple[np.ndarray, int]:
        """Offsets in each map and rows of each part of each channel, in the order of gamma; floats of a row."""
        shape, bands, length = maps[0].shape, self.bands, maps[0].row_length
        if len(bands) == 1:
            merged, length = merged_rows(*maps)
            bands = (merged,)
        items = []
        for first, count in zip(np.cumsum([0, *bands]).tolist(), bands, strict=False):
            for channel in range(shape.channels):
                places = [channel * one.channel_pitch + first * one.row_pitch for one in maps]
                items.append([*places, count])
        return np.array(items, np.int64), length
