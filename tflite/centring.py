"""Centring: the mean of what a normalisation adds goes into the bias of the convolution before it.

A normalisation that folds into no convolution (one with statistics of its own for each sub-band, say) is a product and
a sum with constants, f x + o. Where o mostly takes the mean of f x off, the product spans far more than the sum, and
rounding it to 8 bits costs more than the sum itself varies. f (x + b) + (o - f b) is the same in float32; with
b = sum(f o) / sum(f^2), over all that a channel's factors and offsets are for, what is left to add is least.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.cost.tflite_graph import TfliteGraph, TfliteOp, read_graph
from tfkws.tflite.flatbuffer import pack, read_constant, unpack, write_constant

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
BIAS = 2  # input of a convolution


@dataclass(frozen=True)
class Normalisation:
    """A convolution whose output, alone or added to that of others, is multiplied and then added to by constants."""

    convolution: TfliteOp
    product: TfliteOp
    sum: TfliteOp


def centre(float_file: bytes) -> bytes:
    """Return the network with centred normalisations; its float32 answers stay the same up to rounding.

    A file without such normalisations is returned as it is.

    Raises:
        TfliteFileError: the file is damaged.
    """
    found = list(normalisations(read_graph(float_file)))
    if not found:
        return float_file
    model = unpack(float_file)
    for normalisation in found:
        _centre(model, normalisation)
    return pack(model)


def normalisations(graph: TfliteGraph) -> Iterator[Normalisation]:
    """Normalisations behind a convolution that has a bias, or behind a sum of such."""
    producers = {op.outputs[0]: op for op in graph.ops}
    for product in graph.ops:
        if product.opcode != "MUL" or not _by_constant(graph, product):
            continue
        after = _only_reader(graph, product)
        if after is None or after.opcode != "ADD" or not _by_constant(graph, after):
            continue
        convolution = _convolution_before(graph, producers, product)
        if convolution is not None:
            yield Normalisation(convolution, product, after)


def _convolution_before(graph: TfliteGraph, producers: dict[int, TfliteOp], op: TfliteOp) -> TfliteOp | None:
    """The convolution whose output arrives at the first input of `op`, perhaps through a sum, and nowhere else."""
    before = producers.get(op.inputs[0])
    if before is None or not _is_linear(before) or _only_reader(graph, before) is None:
        return None
    if before.opcode == "ADD" and not _by_constant(graph, before):
        return _convolution_before(graph, producers, before)
    has_bias = len(before.inputs) > BIAS and before.inputs[BIAS] >= 0 and graph.tensors[before.inputs[BIAS]].is_constant
    return before if before.opcode in CONVOLUTIONS and has_bias else None


def _is_linear(op: TfliteOp) -> bool:
    return op.options.get("fused_activation_function") == "none"


def _only_reader(graph: TfliteGraph, op: TfliteOp) -> TfliteOp | None:
    readers = graph.consumers(op.outputs[0])
    return readers[0] if len(readers) == 1 and op.outputs[0] not in graph.outputs else None


def _by_constant(graph: TfliteGraph, op: TfliteOp) -> bool:
    return len(op.inputs) == 2 and graph.tensors[op.inputs[1]].is_constant


def _centre(model: Any, found: Normalisation) -> None:
    operators = model.subgraphs[0].operators
    factor, offset = (read_constant(model, operators[op.index].inputs[1]) for op in (found.product, found.sum))
    bias = read_constant(model, operators[found.convolution.index].inputs[BIAS])
    moved = centre_of(factor, offset, len(bias))
    write_constant(model, found.convolution.index, BIAS, bias + moved)
    write_constant(model, found.sum.index, 1, offset - factor * moved)


def centre_of(factor: np.ndarray, offset: np.ndarray, channels: int) -> np.ndarray:
    """What to add to each channel before the product, float32 (channels,): zero where the factor is.

    Args:
        factor, offset: float32, shapes that broadcast to (..., channels).
    """
    both = np.broadcast_arrays(factor, offset, np.empty(channels))
    factors, offsets = (values.reshape(-1, channels).astype(np.float64) for values in both[:2])
    weight = (factors**2).sum(axis=0)
    return np.divide((factors * offsets).sum(axis=0), weight, out=np.zeros(channels), where=weight > 0).astype(
        np.float32
    )
