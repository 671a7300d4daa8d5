"""Multiply-accumulates and parameters of a network with other filters and kernels, without building it.

A search weighs hundreds of candidates before it trains one, and to build one takes Keras a third of a second. What
`tfkws.models.layer_sizes` changes leaves the graph and, with "same" padding, the size of every map as it is: only the
numbers of channels have to be followed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import keras

from tfkws.cost.formulas import conv2d_macs, dense_macs, depthwise_conv2d_macs
from tfkws.cost.keras import count_keras
from tfkws.errors import ModelError
from tfkws.graphs.keras import KerasNode, read_plain_graph
from tfkws.models.layer_sizes import Kernels, Widths, size_changes


@dataclass(frozen=True)
class SizedNode:
    """One layer of a resized network; all int.

    Attributes:
        channels: that it writes.
        macs: of one example.
        weights: of its kernel; of a normalisation, scales and shifts.
        biases: trainable ones.
    """

    channels: int
    macs: int = 0
    weights: int = 0
    biases: int = 0


def resized_costs(network: keras.Model) -> Callable[[Widths, Kernels], tuple[int, int]]:
    """Return the function (widths, kernels) -> (MACs, trainable parameters) of `with_sizes(network, ...)`.

    It raises ModelError as `with_sizes` does.

    Raises:
        UnsupportedLayerError: a layer of the network cannot be counted.
    """
    sized = sized_nodes(network)

    def costs(widths: Widths, kernels: Kernels) -> tuple[int, int]:
        nodes = sized(widths, kernels)
        return sum(node.macs for node in nodes), sum(node.weights + node.biases for node in nodes)

    return costs


def sized_nodes(network: keras.Model) -> Callable[[Widths, Kernels], list[SizedNode]]:
    """Return the function (widths, kernels) -> layers of `with_sizes(network, ...)`, in execution order.

    It raises ModelError as `with_sizes` does.

    Raises:
        UnsupportedLayerError: a layer of the network cannot be counted.
    """
    graph, rows = read_plain_graph(network), count_keras(network).rows

    def sized(widths: Widths, kernels: Kernels) -> list[SizedNode]:
        changes = size_changes(network, widths, kernels)
        channels = dict.fromkeys(graph.inputs, network.input_shape[-1])
        nodes = []
        for node, row in zip(graph.nodes, rows, strict=True):
            read = [channels[tensor] for tensor in node.inputs]
            nodes.append(_sized(node, row.params, read, changes.get(node.layer.name, {})))
            channels[node.output] = nodes[-1].channels
        return nodes

    return sized


def _sized(node: KerasNode, params: int, read: list[int], changes: Mapping[str, Any]) -> SizedNode:
    """Size one layer that had `params` parameters and now reads so many channels of each input."""
    layer, kind = node.layer, node.kind
    if kind.layer_class == "Conv2D":
        return _conv(node, read[0], changes)
    if kind.is_depthwise:
        return _depthwise(node, read[0], changes)
    if kind.layer_class == "Dense":
        units = changes.get("units", layer.units)
        rows = prod(node.output_shape[:-1])
        return SizedNode(units, dense_macs(read[0], units, rows), read[0] * units, units * bool(layer.use_bias))
    if kind.channels == "joined":
        return SizedNode(sum(read))
    if kind.merges_channels and len(set(read)) > 1:
        raise ModelError(f"{layer.name} cannot join maps of {read} channels; make equal what is added.")
    return SizedNode(_passed_on(node, read[0]), weights=params * read[0] // node.input_shapes[0][-1])


def _passed_on(node: KerasNode, read: int) -> int:
    """Channels that a layer writes, in proportion to those that it reads: it passes them on or rearranges them."""
    return node.output_shape[-1] * read // node.input_shapes[0][-1]


def _conv(node: KerasNode, read: int, changes: Mapping[str, Any]) -> SizedNode:
    layer = node.layer
    filters, kernel = changes.get("filters", layer.filters), changes.get("kernel_size", layer.kernel_size)
    weights = prod(kernel) * (read // layer.groups) * filters
    macs = conv2d_macs(node.output_shape[:2], kernel, read, filters, layer.groups)  # type: ignore[arg-type]
    return SizedNode(filters, macs, weights, filters * bool(layer.use_bias))


def _depthwise(node: KerasNode, read: int, changes: Mapping[str, Any]) -> SizedNode:
    layer = node.layer
    kernel, written = changes.get("kernel_size", layer.kernel_size), _passed_on(node, read)
    macs = depthwise_conv2d_macs(node.output_shape[:2], kernel, written)  # type: ignore[arg-type]
    return SizedNode(written, macs, prod(kernel) * written, written * bool(getattr(layer, "use_bias", False)))
