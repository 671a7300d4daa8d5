"""Layers that move values, and the mean over all positions."""

from dataclasses import dataclass

import numpy as np

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels import elementwise, sums
from tfkws.training.native.maps import Map
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import Call, call


@dataclass(frozen=True)
class Mean:
    """The mean over rows and columns."""

    read: int
    written: int

    def forwards(self, plan: Plan) -> None:
        """Write y."""
        x, y = plan.maps[self.read], plan.maps[self.written]
        kernel = KERNELS.add("mean_of_positions", lambda module, name: sums.mean_of_positions(module, name, lanes()))
        sizes = (
            x.shape.channels,
            x.shape.rows,
            x.shape.columns,
            x.clips,
            x.channel_pitch,
            x.row_pitch,
            y.channel_pitch,
        )
        plan.forwards.append(call(kernel, x.start, y.start, self._share(x), *sizes))

    def backwards(self, plan: Plan) -> None:
        """Spread the gradient over all positions."""
        dx, dy = plan.gradients[self.read], plan.gradients[self.written]
        shape = dx.shape
        row, column = np.divmod(np.arange(shape.positions), shape.columns)
        to = row * dx.row_pitch + column * dx.clips
        channel = np.arange(shape.channels)[:, None]
        places = np.stack(np.broadcast_arrays(channel * dy.channel_pitch, channel * dx.channel_pitch + to), axis=-1)
        plan.backwards.append(copy(plan, self.read, dy, dx, places, float(self._share(dx)[0])))

    def _share(self, x: Map) -> np.ndarray:
        return np.array([1 / x.shape.positions], np.float32)


def copy(plan: Plan, tensor: int | None, source: Map, target: Map, places: np.ndarray, factor: float = 1.0) -> Call:
    """Return the call that moves stretches of clips; into the gradient of `tensor`, to which it may have to add."""
    accumulate = tensor is not None and not plan.is_first_gradient(tensor)
    kernel = KERNELS.add(
        f"copy_runs{'_more' * accumulate}",
        lambda module, name: elementwise.copy_runs(module, name, lanes(), accumulate),
    )
    places = np.ascontiguousarray(places.reshape(-1, 2), np.int64)
    share = np.array([factor], np.float32)
    return call(kernel, source.start, target.start, places, len(places), source.clips, share)


@dataclass(frozen=True)
class Movement:
    """A layer that moves values and computes nothing; `order[i]` is the value that becomes number i, -1 for a zero."""

    read: int
    written: int
    order: np.ndarray

    def forwards(self, plan: Plan) -> None:
        """Write y."""
        x, y = plan.maps[self.read], plan.maps[self.written]
        plan.forwards.append(copy(plan, None, x, y, self._places(x, y)))

    def backwards(self, plan: Plan) -> None:
        """Move the gradient back."""
        dx, dy = plan.gradients[self.read], plan.gradients[self.written]
        plan.backwards.append(copy(plan, self.read, dy, dx, self._places(dx, dy)[:, ::-1]))

    def _places(self, x: Map, y: Map) -> np.ndarray:
        wanted = self.order.ravel()
        there = wanted >= 0
        return np.stack([offsets(x)[wanted[there]], offsets(y)[there]], axis=1)


def offsets(one: Map) -> np.ndarray:
    """Return the offset of each value of one clip: channels, then rows, then columns."""
    shape = one.shape
    channel, row, column = np.meshgrid(*map(np.arange, (shape.channels, shape.rows, shape.columns)), indexing="ij")
    return (channel * one.channel_pitch + row * one.row_pitch + column * one.clips).ravel()
