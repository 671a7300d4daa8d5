"""Which channels of a network must go together: classes of channels, found by following the graph.

A convolution or dense layer writes channels of their own class each. Normalisation, activation, pooling and depthwise
convolution pass them on; addition and multiplication of maps make one class of two; concatenation keeps them side by
side. To prune is to remove whole classes: everywhere they are written, and everywhere they are read.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.keras import KerasNode, read_plain_graph
from tfkws.graphs.layer_kinds import LayerKind


@dataclass(frozen=True)
class LayerChannels:
    """A layer that has weights, with the class of each channel that it reads and writes, int (c,)."""

    layer: Any
    kind: LayerKind
    reads: np.ndarray
    writes: np.ndarray
    output_shape: tuple[int, ...]


@dataclass(frozen=True)
class ChannelClasses:
    """All classes of a network.

    Attributes:
        layers: those with weights, in execution order.
        fixed: bool, shape (classes,), whether a class must stay: the network's input, its answers, and what a
            reshaping mixes.
    """

    layers: tuple[LayerChannels, ...]
    fixed: np.ndarray

    @property
    def count(self) -> int:
        """Number of classes."""
        return len(self.fixed)


def channel_classes(network: keras.Model) -> ChannelClasses:
    """Find the classes of a functional network.

    Raises:
        UnsupportedLayerError: a layer of unknown effect on channels, or a grouped convolution.
    """
    graph, classes = read_plain_graph(network), _Classes()
    channels = {tensor: classes.fresh(network.input_shape[-1], fixed=True) for tensor in graph.inputs}
    for node in graph.nodes:
        channels[node.output] = _written(node, [channels[tensor] for tensor in node.inputs], classes)
    for tensor in graph.outputs:
        classes.fix(channels[tensor])
    number, fixed = classes.numbered()
    return ChannelClasses(
        layers=tuple(
            LayerChannels(
                layer=node.layer,
                kind=node.kind,
                reads=number[channels[node.inputs[0]]],
                writes=number[channels[node.output]],
                output_shape=node.output_shape,
            )
            for node in graph.nodes
            if node.kind.has_weights
        ),
        fixed=fixed,
    )


def _written(node: KerasNode, inputs: list[np.ndarray], classes: "_Classes") -> np.ndarray:
    layer, kind, first = node.layer, node.kind, inputs[0]
    if kind.mixes_channels and getattr(layer, "groups", 1) == 1:
        return classes.fresh(node.output_shape[-1])
    if kind.passes_channels and getattr(layer, "depth_multiplier", 1) == 1:
        return first
    if kind.merges_channels:
        for other in inputs[1:]:
            classes.merge(first, other)
        return first
    if kind.channels == "joined" and layer.axis in (-1, len(node.output_shape)):
        return np.concatenate(inputs)
    if kind.channels == "flattened":
        return np.tile(first, node.output_shape[0] // len(first))
    if kind.channels == "rearranged":
        return first if _keeps_channels(node) else classes.mix(first, node.output_shape[-1])
    raise UnsupportedLayerError(
        f"Pruning cannot follow the channels of layer {layer.name} ({type(layer).__name__}) with these settings; "
        "replace it by one with groups=1, depth_multiplier=1 or axis=-1."
    )


def _keeps_channels(node: KerasNode) -> bool:
    """Whether the last axis stays the last one: not where a Permute moves it."""
    rank = len(node.output_shape)
    if isinstance(node.layer, keras.layers.Permute):
        return node.layer.dims[-1] == rank
    return node.output_shape[-1] == node.input_shapes[0][-1]


class _Classes:
    """Union-find over channels."""

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._fixed: list[int] = []

    def fresh(self, count: int, fixed: bool = False) -> np.ndarray:
        """Begin classes of one channel each."""
        made = list(range(len(self._parents), len(self._parents) + count))
        self._parents += made
        self._fixed += made if fixed else []
        return np.array(made)

    def merge(self, first: np.ndarray, second: np.ndarray) -> None:
        """Make one class of each pair."""
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            self._parents[self._root(other)] = self._root(one)

    def mix(self, channels: np.ndarray, count: int) -> np.ndarray:
        """Fix channels that a reshaping spreads over `count` others, and those."""
        self.fix(channels)
        return self.fresh(count, fixed=True)

    def fix(self, channels: np.ndarray) -> None:
        """Let the classes of these channels stay."""
        self._fixed += channels.tolist()

    def numbered(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the class of each channel ever made, and which numbers are fixed."""
        roots = [self._root(channel) for channel in range(len(self._parents))]
        _, number = np.unique(roots, return_inverse=True)
        fixed = np.zeros(number.max() + 1, bool)
        fixed[number[self._fixed]] = True
        return number, fixed

    def _root(self, channel: int) -> int:
        while self._parents[channel] != channel:
            self._parents[channel] = self._parents[self._parents[channel]]
            channel = self._parents[channel]
        return channel
