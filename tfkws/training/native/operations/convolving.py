"""Calls of the kernel that convolves one map into another."""

import numpy as np

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.geometry import Runs, runs
from tfkws.training.native.kernels import convolution
from tfkws.training.native.maps import Map
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import Call, call


def convolve(
    plan: Plan,
    maps: tuple[Map, Map],
    weights: np.ndarray,
    offsets: np.ndarray,
    stretches: Runs,
    x_group: int,
    bias: np.ndarray | None = None,
    has_bias: bool = False,
    accumulate: bool = False,
) -> list[Call]:
    """Return the call that convolves one map into another; `weights` are places (groups, filters, k)."""
    x, y = maps
    groups, filters, ks = weights.shape
    if ks == 0 and accumulate:
        return []
    high = filters_at_once(filters)
    blocks = -(-filters // high)
    padded = np.full((groups, blocks * high, ks), plan.weights.count, np.int64)  # a zero follows the weights
    padded[:, :filters] = weights
    packed = plan.pack(padded.reshape(groups, blocks, high, ks).transpose(0, 1, 3, 2))
    kernel = KERNELS.add(
        f"convolve_{high}{'_bias' * has_bias}{'_more' * accumulate}",
        lambda module, name: convolution.convolve(module, name, lanes(), high, has_bias, accumulate),
    )
    bias = np.zeros(1, np.float32) if bias is None else bias
    arrays = (x.start, offsets, packed, y.start, bias, stretches.places)
    numbers = (ks, filters, groups, x_group, len(stretches.places), stretches.length, y.channel_pitch)
    return [call(kernel, *arrays, *numbers)]


def filters_at_once(filters: int) -> int:
    """Return how many filters a tile computes at once: as many as registers allow, with few left over."""
    most = 6 if lanes() == 16 else 3
    if filters <= most:
        return filters
    options = range(max(2, most - 2), most + 1)
    return min(options, key=lambda high: -(-filters // high) * (high * convolution.TILE_VECTORS + 3))


def sum_of_rows(plan: Plan, x: Map, y: Map, accumulate: bool) -> list[Call]:
    """Return the calls that add up the rows of x, as a depthwise convolution by ones does, into the one row of y."""
    shape = x.shape
    places = np.full((shape.channels, 1, shape.rows), plan.weights.constant(1.0), np.int64)
    offsets = np.arange(shape.rows, dtype=np.int64) * x.row_pitch
    stretches = runs(x, y, ((1, 1), (1, 1)), ((0, 0), (0, 0)), (1, shape.columns))
    return convolve(plan, (x, y), places, offsets, stretches, x.channel_pitch, accumulate=accumulate)
