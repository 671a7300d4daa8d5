"""Partial folding: what one number a channel can take of a normalisation goes into the convolution before it.

A normalisation with statistics of its own for each sub-band folds into no convolution; it stays a product and a sum
with constants, f x + o. Left so, its input is stored in steps that one channel's range sets for all, and the product
may span far more than the sum leaves of it; both cost more than 8 bits have. So each channel's gain and mean offset
move into kernel and bias: f x + o = (f / g) (g x + g b) + (o - f b), the same in float32. With g the root mean square
of f, and b = sum(f o) / sum(f^2), over all that a channel's factors are for, products are near one and least is left
to add.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.rewriting import CANCELLED
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile
from tfkws.tflite.quantize.equalisation import along

KERNEL, BIAS = 1, 2  # inputs of a convolution


@dataclass(frozen=True)
class Normalisation:
    """Convolutions whose output, or whose outputs' sum, is multiplied and then added to by constants."""

    convolutions: tuple[TfliteOp, ...]
    product: TfliteOp
    sum: TfliteOp


def fold_partly(float_file: TfliteFile) -> TfliteFile:
    """Return the network with partly folded normalisations; its float32 answers stay the same up to rounding.

    A file without such normalisations is returned as it is.

    Raises:
        TfliteFileError: the file is damaged.
    """
    found = list(normalisations(float_file.graph))
    if not found:
        return float_file
    editor = float_file.edit()
    for normalisation in found:
        _fold(editor, normalisation)
    return editor.pack()


def normalisations(graph: TfliteGraph) -> Iterator[Normalisation]:
    """Find normalisations behind a convolution that has a bias, or behind a sum of such.

    Yields:
        Those whose values nothing else reads.
    """
    producers = {op.outputs[0]: op for op in graph.ops}
    for product in graph.ops:
        if product.opcode != "MUL" or not _by_constant(graph, product) or not _is_linear(product):
            continue
        after = graph.only_reader(product)
        if after is None or after.opcode != "ADD" or not _by_constant(graph, after):
            continue
        convolutions = _convolutions(graph, producers, product.inputs[0])
        if convolutions:
            yield Normalisation(convolutions, product, after)


def _convolutions(graph: TfliteGraph, producers: dict[int, TfliteOp], tensor: int) -> tuple[TfliteOp, ...]:
    """The convolutions whose outputs are summed to `tensor`; none where something else is."""
    before = producers.get(tensor)
    if before is None or not _is_linear(before) or graph.only_reader(before) is None:
        return ()
    if before.opcode == "ADD":
        parts = [_convolutions(graph, producers, part) for part in before.inputs]
        return tuple(op for part in parts for op in part) if all(parts) else ()
    has_bias = len(before.inputs) > BIAS and before.inputs[BIAS] >= 0
    constant = has_bias and all(graph.tensors[before.inputs[slot]].is_constant for slot in (KERNEL, BIAS))
    return (before,) if operator_kind(before.opcode).is_convolution and constant else ()


def _is_linear(op: TfliteOp) -> bool:
    return op.options.get("fused_activation_function") == "none"


def _by_constant(graph: TfliteGraph, op: TfliteOp) -> bool:
    return len(op.inputs) == 2 and graph.is_constant(op.inputs[1])


def _fold(editor: ModelEditor, found: Normalisation) -> None:
    factor, offset = (editor.constant(op.index, 1) for op in (found.product, found.sum))
    kernels, biases = ([editor.constant(op.index, slot) for op in found.convolutions] for slot in (KERNEL, BIAS))
    gain, moved = gain_and_moved(factor, offset, len(biases[0]))
    axes = [operator_kind(op.opcode).output_axis for op in found.convolutions]
    shares = shares_of(np.stack([_sums(kernel, axis) for kernel, axis in zip(kernels, axes, strict=True)]))
    for op, axis, kernel, bias, share in zip(found.convolutions, axes, kernels, biases, shares, strict=True):
        editor.replace_constant(op.index, KERNEL, kernel * along(gain, kernel, axis))
        editor.replace_constant(op.index, BIAS, gain * (bias + share * moved))
    editor.replace_constant(found.product.index, 1, factor / gain)
    editor.replace_constant(found.sum.index, 1, offset - factor * moved)


def _sums(kernel: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(kernel.sum(axis=tuple(other for other in range(kernel.ndim) if other != axis)))


def shares_of(sums: np.ndarray) -> np.ndarray:
    """Return how convolutions that are added up share what is moved: float32 (convolutions, channels), sums of one.

    What they read has been through a ReLU, so each one's mean output goes as the sum of its kernel, and its
    share keeps that off its own range. Where kernels cancel each other, all share alike.

    Args:
        sums: float32 (convolutions, channels), of each kernel.
    """
    total, sizes = sums.sum(axis=0), np.abs(sums).sum(axis=0)
    telling = np.abs(total) > CANCELLED * sizes
    shares = np.divide(sums, total, out=np.full_like(sums, 1 / len(sums)), where=telling[None])
    return shares.astype(np.float32)


def gain_and_moved(factor: np.ndarray, offset: np.ndarray, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by what to multiply each channel, and what to add to it before: float32 (channels,) each.

    A channel that the normalisation silences keeps gain one and nothing is added to it.

    Args:
        factor, offset: float32, shapes that broadcast to (..., channels).
    """
    both = np.broadcast_arrays(factor, offset, np.empty(channels))[:2]
    factors, offsets = (values.reshape(-1, channels).astype(np.float64) for values in both)
    squares, heard = (factors**2).mean(axis=0), (factors**2).max(axis=0) > 0
    moved = np.divide((factors * offsets).mean(axis=0), squares, out=np.zeros(channels), where=heard)
    return np.where(heard, np.sqrt(squares), 1.0).astype(np.float32), moved.astype(np.float32)
