"""Weights to begin with from a trained network of the same family with other sizes, layer by layer by name.

Sliced where the trained one is larger, padded where it is smaller.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import RunConfig
from tfkws.graphs.layer_kinds import find_kind
from tfkws.models import build_model
from tfkws.models.saving import load_model
from tfkws.training.fit import Networks
from tfkws.training.model_folder import open_model_folder


def warm_networks(run: RunConfig, start_from: Path) -> Networks:
    """Build the network of `run` with what fits of the weights in a model folder.

    Raises:
        RunFolderError: the folder holds no trained model.
    """
    network = build_model(
        run.model.name, input_shape=run.features.input_shape, num_classes=len(run.labels), **run.model.variant
    )
    transfer_weights(load_model(open_model_folder(start_from).weights), network)
    return Networks(network, network)


def transfer_weights(trained: Any, fresh: Any) -> float:
    """Put weights of one network into another.

    Filter n of a layer takes the place of filter n of the layer of the same name, and what reads it follows.
    A filter that is taken over reads 0 where it had no input before, so it answers as it did; new filters
    keep their own random weights.

    Returns:
        The share, 0..1, of the weights of `fresh` that come from `trained`.
    """
    known = {layer.name: layer for layer in trained.layers}
    taken = 0
    for layer in fresh.layers:
        other = known.get(layer.name)
        if other is None or type(other) is not type(layer):
            continue
        pairs = list(zip(layer.get_weights(), other.get_weights(), strict=False))
        if len(pairs) == len(layer.get_weights()) and all(a.ndim == b.ndim for a, b in pairs):
            shifts = [mine - its for mine, its in zip(_anchors(layer), _anchors(other), strict=True)]
            layer.set_weights([fitted(mine, its, _output_axis(layer, mine), shifts) for mine, its in pairs])
            taken += sum(int(np.prod(np.minimum(mine.shape, its.shape))) for mine, its in pairs)
    return taken / max(fresh.count_params(), 1)


def _output_axis(layer: Any, weight: np.ndarray) -> int:
    """The axis of the filters: of a depthwise kernel its channels, else the last one."""
    kind = find_kind(layer)
    return -2 if kind is not None and kind.is_depthwise and weight.ndim == 4 else -1


def _anchors(layer: Any) -> list[int]:
    """Index in each axis of a convolution's kernel that meets the first value of a map; none for other layers.

    That is the padding in front. Where the padding is unknown, the middle.
    """
    kind = find_kind(layer)
    if kind is None or not kind.can_change_kernel:
        return []
    sizes = zip(layer.input.shape[1:3], layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    same = layer.padding == "same"
    return [_padding(*axis[:3]) if same and axis[3] == 1 else (axis[1] - 1) // 2 for axis in sizes]


def _padding(size: int, kernel: int, stride: int) -> int:
    """Zeros that "same" puts in front of an axis."""
    return max((-(-size // stride) - 1) * stride + kernel - size, 0) // 2


def fitted(fresh: np.ndarray, trained: np.ndarray, output_axis: int, shifts: Sequence[int] = ()) -> np.ndarray:
    """Return an array of the shape of `fresh` that begins with the filters of `trained`.

    Args:
        fresh: random weights; kept for filters that `trained` does not have.
        trained: of as many axes.
        output_axis: whose indices are filters.
        shifts: of the first axes, at which index index 0 of `trained` comes to lie; 0 for the other axes.
    """
    result = fresh.copy()
    filters: list[Any] = [slice(None)] * fresh.ndim
    filters[output_axis] = slice(min(fresh.shape[output_axis], trained.shape[output_axis]))
    result[tuple(filters)] = 0
    moved = (*shifts, *[0] * (fresh.ndim - len(shifts))) if fresh.ndim > len(shifts) else [0] * fresh.ndim
    windows = [_overlap(*axis) for axis in zip(fresh.shape, trained.shape, moved, strict=True)]
    result[tuple(into for into, _ in windows)] = trained[tuple(of for _, of in windows)]
    return result


def _overlap(size: int, trained_size: int, shift: int) -> tuple[slice, slice]:
    """Indices of the new array and of the trained one that lie on each other."""
    first, last = max(shift, 0), min(shift + trained_size, size)
    return slice(first, last), slice(first - shift, last - shift)
