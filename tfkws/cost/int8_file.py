"""File size and arena of a network's int8 `.tflite` with other filters and kernels, without converting it.

One network of the structure is converted, the reference. What its file holds beside weights (operators, tensors, their
names) does not depend on filters and kernels, so another one differs by what is stored for them:

- a convolution or dense layer: one byte a weight; a channel has an int32 bias, and weight and bias of it have a scale
  (float32) and a zero point (int64) each;
- a normalisation that does not fold: one byte a constant.

The converter leaves the float32 values from which biases, such constants and partly folded kernels were made, and
stores biases of zero once for each number of channels.
"""

from collections.abc import Callable
from math import ceil, prod
from typing import Any

import keras

from tfkws.cost.activation_memory import ALIGNMENT, Step, arena_bytes
from tfkws.cost.folding import folds
from tfkws.cost.micro_arena import MULTIPLIER, micro_maps_bytes
from tfkws.cost.report import Footprint
from tfkws.cost.resized import SizedNode, sized_nodes
from tfkws.graphs.keras import KerasGraph, KerasNode, read_plain_graph
from tfkws.models.layer_sizes import Kernels, Widths

INT8 = 1  # bytes, as are the next ones
INT32 = 4
FLOAT = 4
SCALE_AND_ZERO_POINT = 4 + 8
TENSOR = 128  # how a file describes a further one
PADDING = 32  # largest difference that the alignment of one layer's kernel and bias makes


def resized_footprint(
    network: keras.Model, reference: Footprint, micro: bool = False
) -> Callable[[Widths, Kernels], Footprint]:
    """Return the function (widths, kernels) -> footprint of the int8 file of `with_sizes(network, ...)`.

    It errs on the safe side: by alignment alone in the file, at most 32 bytes a layer; in the arena by what a converter
    computes piecewise or in place here and not there. It raises ModelError as `with_sizes` does.

    Args:
        reference: of the network as it is, from its file; no weights of a layer may be all alike there, since equal
            constants are stored once.
        micro: whether the reference was measured in TensorFlow Lite Micro.

    Raises:
        UnsupportedLayerError: a layer of the network cannot be counted.
    """
    graph, sized = read_plain_graph(network), sized_nodes(network)
    before = sized({}, {})
    kernels_at = [place for place, node in enumerate(graph.nodes) if node.kind.kernel_axis is not None]
    maps_bytes = reference.arena_bytes - reference.structures_bytes
    larger = max(1.0, maps_bytes / _arena(graph, before, micro))  # for maps that only the file has

    def footprint(widths: Widths, kernels: Kernels) -> Footprint:
        nodes = sized(widths, kernels)
        stored = _stored_bytes(graph, nodes) - _stored_bytes(graph, before)
        changed = sum(nodes[place] != before[place] for place in kernels_at)
        kept = reference.structures_bytes
        if micro:
            kept += ALIGNMENT * changed + MULTIPLIER * (_channels(graph, nodes) - _channels(graph, before))
        arena = ceil(larger * _arena(graph, nodes, micro)) + kept
        return Footprint(reference.file_bytes + stored + PADDING * changed, arena, kept)

    return footprint


def _stored_bytes(graph: KerasGraph, nodes: list[SizedNode]) -> int:
    """Return what the file stores for all layers."""
    norms = {node.inputs[0]: node.kind for node in graph.nodes if node.kind.is_norm}
    writers = {node.output: node for node in graph.nodes}
    total, zeros = 0, set()
    for node, sized in zip(graph.nodes, nodes, strict=True):
        norm = norms.get(node.output)
        if node.kind.kernel_axis is not None:
            has_bias = bool(sized.biases) or norm is not None
            partly = norm is not None and norm.norm_constants == "row and channel"
            total += _kernel_bytes(sized, node.kind.file_biases, has_bias=has_bias, partly=partly)
            zeros |= set() if has_bias else {sized.channels}
        elif node.kind.is_norm and not folds(node, graph, writers):
            rows = node.output_shape[0] if node.kind.norm_constants == "row and channel" else 1
            total += 2 * (INT8 + FLOAT) * rows * sized.channels
    return total + sum(TENSOR + FLOAT * channels for channels in zeros)


def _kernel_bytes(sized: SizedNode, biases: int, *, has_bias: bool, partly: bool) -> int:
    """Return what is stored for a layer with a kernel.

    Args:
        biases: that the file gives it, each one value a channel.
        has_bias: whether they are not all zero.
        partly: whether a normalisation is folded into it in part, which leaves the float32 kernel.
    """
    per_channel = INT32 + FLOAT * has_bias + 2 * SCALE_AND_ZERO_POINT
    return (INT8 + FLOAT * partly) * sized.weights + biases * per_channel * sized.channels


def _channels(graph: KerasGraph, nodes: list[SizedNode]) -> int:
    """Return how many channels have a multiplier of their own in the file."""
    return sum(
        max(1, node.kind.file_biases) * sized.channels
        for node, sized in zip(graph.nodes, nodes, strict=True)
        if node.kind.kernel_axis is not None
    )


def _arena(graph: KerasGraph, nodes: list[SizedNode], micro: bool = False) -> int:
    """Plan the arena's maps in int8, with what a converter fuses done in place."""
    size_bytes: dict[Any, int] = {tensor: prod(graph.model.input_shape[1:]) for tensor in graph.inputs}
    place = {tensor: tensor for tensor in graph.inputs}
    for node, sized in zip(graph.nodes, nodes, strict=True):
        shares = node.kind.in_place and graph.readers(node.inputs[0]) == 1
        place[node.output] = place[node.inputs[0]] if shares else node.output
        size_bytes[node.output] = prod(node.output_shape[:-1]) * sized.channels
    steps = [step for node in graph.nodes for step in _steps(node, place, size_bytes)]
    results = [place[tensor] for tensor in graph.outputs]
    return micro_maps_bytes(steps, size_bytes, results) if micro else arena_bytes(steps, size_bytes, results)


def _steps(node: KerasNode, place: dict[int, int], size_bytes: dict[Any, int]) -> list[Step[Any]]:
    """Return the operations of a layer; a convolution in two parts pads its map and takes every other row first."""
    read, written = tuple(place[tensor] for tensor in node.inputs), place[node.output]
    if node.kind.file_biases < 2:
        return [Step(read, (written,))]
    padded, odd, even, part, first, second = ((written, number) for number in range(6))
    row = size_bytes[node.inputs[0]] // node.input_shapes[0][0]
    rows = node.output_shape[0]
    size_bytes |= {padded: (2 * rows + 1) * row, odd: (rows + 1) * row, even: rows * row, part: rows * row}
    size_bytes |= {first: rows * row, second: rows * row}
    return [
        Step(read, (padded,)),
        Step((padded,), (odd,)),
        Step((odd,), (first,)),
        Step((padded,), (even,)),
        Step((even,), (part,)),
        Step((part,), (second,)),
        Step((first, second), (written,)),
    ]
