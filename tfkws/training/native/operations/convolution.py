"""Convolutions: in groups, depthwise, and dense layers, which have one position."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.geometry import Runs, Window, runs
from tfkws.training.native.kernels import convolution, sums
from tfkws.training.native.maps import Map
from tfkws.training.native.operations.convolving import convolve
from tfkws.training.native.operations.elementwise import merged_rows
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import call

L2_FLOATS = 160_000  # what a tile of weight gradients goes through at once should stay in a core's second cache


@dataclass(frozen=True)
class Convolution:
    """A convolution in groups; a depthwise one has as many groups as channels, a dense layer one position.

    Attributes:
        read, written: ids of its tensors.
        window: its sizes.
        places: of the weights, (groups, filters a group, channels a group, kernel rows, kernel columns).
        bias: the variable, or None.
        is_fixed: whether the weights are constants.
    """

    read: int
    written: int
    window: Window
    places: np.ndarray
    bias: Any = None
    is_fixed: bool = False

    def forwards(self, plan: Plan) -> None:
        """Write y."""
        x, y = plan.maps[self.read], plan.maps[self.written]
        groups, filters, channels, *_ = self.places.shape
        bias = np.zeros(1, np.float32) if self.bias is None else plan.weights.at(self.bias)
        stretches = runs(x, y, (self.window.stride, (1, 1)), ((0, 0), (0, 0)), (y.shape.rows, y.shape.columns))
        weights = self.places.reshape(groups, filters, -1)
        plan.forwards += convolve(
            plan, (x, y), weights, self._offsets(x), stretches, channels * x.channel_pitch, bias, self.bias is not None
        )

    def backwards(self, plan: Plan) -> None:
        """Write the gradients by weights and bias, and add to the one by x."""
        if not self.is_fixed:
            self._weight_gradient(plan)
        if self.bias is not None:
            dy = plan.gradients[self.written]
            kernel = KERNELS.add("sum_rows", lambda module, name: sums.sum_rows(module, name, lanes()))
            to = plan.weights.at(self.bias, plan.gradient)
            n_rows, length = merged_rows(dy)
            sizes = (dy.shape.channels, n_rows, length, dy.channel_pitch, dy.row_pitch)
            plan.backwards.append(call(kernel, dy.start, to, *sizes))
        if self.read in plan.gradients:
            self._input_gradient(plan)

    def _offsets(self, x: Map) -> np.ndarray:
        """Offsets in x, of a group's channels, rows and columns of the kernel."""
        (high, wide), (down, right), (above, left) = self.window.kernel, self.window.dilation, self.window.before
        channel = np.arange(self.places.shape[2])[:, None, None] * x.channel_pitch
        row = (np.arange(high)[:, None] * down - above) * x.row_pitch
        column = (np.arange(wide) * right - left) * x.clips
        return np.ascontiguousarray((channel + row + column).ravel(), np.int64)

    def _weight_gradient(self, plan: Plan) -> None:
        x, dy = plan.maps[self.read], plan.gradients[self.written]
        groups, filters, channels, *_ = self.places.shape
        shape = dy.shape
        stretches = runs(x, dy, (self.window.stride, (1, 1)), ((0, 0), (0, 0)), (shape.rows, shape.columns))
        pieces, chunks = pieces_of(stretches, filters + channels)
        offsets = self._offsets(x)
        weights = self.places.reshape(groups, filters, -1)
        at = np.ascontiguousarray(weights[0, 0])
        to_group = int(weights[1, 0, 0] - at[0]) if groups > 1 else 0
        high, wide = gradient_tile(filters, len(offsets))
        kernel = KERNELS.add(
            f"weight_gradient_{high}_{wide}",
            lambda module, name: convolution.weight_gradient(module, name, lanes(), high, wide),
        )
        numbers = (len(chunks) - 1, len(offsets), filters, groups, channels * x.channel_pitch, dy.channel_pitch)
        arrays = (dy.start, x.start, pieces, chunks, offsets, at, plan.gradient)
        plan.backwards.append(call(kernel, *arrays, *numbers, to_group))

    def _input_gradient(self, plan: Plan) -> None:
        dx, dy = plan.gradients[self.read], plan.gradients[self.written]
        accumulate = not plan.is_first_gradient(self.read)
        groups, filters, channels, *_ = self.places.shape
        down, right = self.window.stride
        for row in range(min(down, dx.shape.rows)):
            for column in range(min(right, dx.shape.columns)):
                reach_rows, reach_columns = self.window.shifts(0, row), self.window.shifts(1, column)
                counts = (-(-(dx.shape.rows - row) // down), -(-(dx.shape.columns - column) // right))
                stretches = runs(dy, dx, ((1, 1), self.window.stride), ((0, 0), (row, column)), counts)
                kernel_rows, kernel_columns = [k for k, _ in reach_rows], [k for k, _ in reach_columns]
                weights = self.places[:, :, :, kernel_rows][..., kernel_columns]
                weights = weights.transpose(0, 2, 1, 3, 4).reshape(groups, channels, -1)
                offsets = (
                    np.arange(filters)[:, None, None] * dy.channel_pitch
                    + np.array([q for _, q in reach_rows], np.int64)[:, None] * dy.row_pitch
                    + np.array([q for _, q in reach_columns], np.int64) * dy.clips
                )
                offsets = np.ascontiguousarray(offsets.ravel(), np.int64)
                plan.backwards += convolve(
                    plan, (dy, dx), weights, offsets, stretches, filters * dy.channel_pitch, accumulate=accumulate
                )


def gradient_tile(filters: int, ks: int) -> tuple[int, int]:
    """Return how many filters and kernel positions a tile of weight gradients has."""
    registers = 25 if lanes() == 16 else 9
    options = [(a, b) for a in range(1, 9) for b in range(1, 13) if a * b <= registers]
    options = [(min(a, filters), min(b, ks)) for a, b in options]
    return min(
        options,
        key=lambda tile: (
            -(-filters // tile[0]) * -(-ks // tile[1]) * (tile[0] * tile[1] + 1.1 * tile[0] + 1.4 * tile[1] + 2)
        ),
    )


def pieces_of(stretches: Runs, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut stretches into pieces, and gather pieces into chunks that fit into a core's second cache.

    Returns:
        int64 (n, 3), offsets in x and dy and floats of each piece; and int64 (chunks + 1,), where chunks end.
    """
    size = max(512, L2_FLOATS // channels // 64 * 64)
    found = []
    for x, y in stretches.places:
        found += [(x + at, y + at, min(size, stretches.length - at)) for at in range(0, stretches.length, size)]
    pieces = np.array(found, np.int64)
    chunk_of = np.cumsum(pieces[:, 2]) // (size + 1)
    ends = np.flatnonzero(np.diff(chunk_of)) + 1
    return pieces, np.array([0, *ends, len(pieces)], np.int64)
