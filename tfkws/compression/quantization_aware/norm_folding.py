"""Batch normalisation with fixed statistics as what a converter makes of it: a factor and an offset a channel.

See `tfkws.cost.folding` for where the two go: into the convolution before, or into operators of their own.
"""

from dataclasses import dataclass
from typing import Any

from keras import ops

from tfkws.graphs.layer_kinds import kind_of
from tfkws.graphs.rewriting import CANCELLED


def factor_and_offset(norm: Any) -> tuple[Any, Any]:
    """Return the constants of y = factor * x + offset, shaped to broadcast over maps (b, h, w, c).

    Args:
        norm: built `BatchNormalization` over the last axis, or `SubSpectralNormalization`.

    Returns:
        Two tensors, of shape (c,), or of (1, rows, 1, c) where the normalisation has sub-bands.
    """
    if kind_of(norm).norm_constants == "row and channel":
        return norm.factor_and_offset(norm.moving_mean, norm.moving_variance)
    factor = ops.rsqrt(norm.moving_variance + norm.epsilon)
    factor = factor * norm.gamma if norm.scale else factor
    offset = -norm.moving_mean * factor
    return factor, offset + norm.beta if norm.center else offset


@dataclass(frozen=True)
class PartlyFolded:
    """The constants of y = factor * gain * (x + moved) + offset, as `tfkws.tflite.quantize.partial_folding` has them.

    Attributes:
        gain, moved: (c,), which go into the convolution before.
        factor, offset: shaped as those of `factor_and_offset`.
    """

    gain: Any
    moved: Any
    factor: Any
    offset: Any


def partly_folded(norm: Any) -> PartlyFolded:
    """Return what of a normalisation the convolution before it absorbs, and what is left."""
    factor, offset = factor_and_offset(norm)
    axes = tuple(range(len(factor.shape) - 1))
    squares = ops.mean(factor * factor, axis=axes)
    heard = squares > 0
    gain = ops.sqrt(ops.where(heard, squares, 1.0))
    moved = ops.mean(factor * offset, axis=axes) / gain**2
    return PartlyFolded(gain, moved, factor / gain, offset - factor * moved)


def shares_of(sums: list[Any]) -> list[Any]:
    """How convolutions that are added up share what is moved, by the sums of their kernels, each (c,)."""
    total, sizes = sum(sums), sum(ops.abs(one) for one in sums)
    telling = ops.abs(total) > CANCELLED * sizes
    return [ops.where(telling, one / ops.where(telling, total, 1.0), 1 / len(sums)) for one in sums]


def folded_kernel(layer: Any, norm: Any | None) -> tuple[Any, Any | None]:
    """Kernel and bias of a convolution or dense layer with the normalisation behind it folded in.

    Args:
        layer: Conv2D, DepthwiseConv2D of multiplier 1, or Dense.
        norm: BatchNormalization that alone reads the layer's output, or None.

    Returns:
        The kernel in its own shape, and the bias (c,), None where there is neither bias nor norm.
    """
    bias = layer.bias if layer.use_bias else None
    if norm is None:
        return ops.convert_to_tensor(layer.kernel), bias
    factor, offset = factor_and_offset(norm)
    wide = ops.expand_dims(factor, -1) if kind_of(layer).is_depthwise else factor
    return layer.kernel * wide, offset if bias is None else offset + factor * bias
