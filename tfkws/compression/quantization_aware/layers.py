"""Layers of a quantisation-aware network: each holds a layer of the plain network and computes as its int8 form will.

The layer inside is shared, not copied: what is learned here is learned there.
"""

from typing import Any

import keras
from keras import ops

from tfkws.compression.quantization_aware.fake_quant import (
    RangeQuantizer,
    fake_quantize_constant,
    fake_quantize_kernel,
    unit_quantizer,
)
from tfkws.compression.quantization_aware.norm_folding import (
    factor_and_offset,
    folded_kernel,
    partly_folded,
    shares_of,
)
from tfkws.graphs.layer_kinds import kind_of


class Aware(keras.layers.Layer):
    """Compute one layer, then round its output where an int8 tensor of its own holds it.

    Args:
        layer: built layer of the plain network.
        quantizer: of the output; None where the next operator is fused in, or the output stays on the input's
            grid.
    """

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None) -> None:
        super().__init__(name=layer.name)
        self.layer, self.quantizer = layer, quantizer
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Compute and round."""
        outputs = self.compute(inputs, training)
        return outputs if self.quantizer is None else self.quantizer(outputs, training=training)

    def compute(self, inputs: Any, training: bool) -> Any:
        """Compute without rounding the output: by the layer itself, unless a subclass computes otherwise."""
        return self.layer(inputs, training=training) if self.layer._call_has_training_arg else self.layer(inputs)


class AwareKernel(Aware):
    """A convolution or dense layer, with the normalisation behind it folded into kernel and bias.

    The normalisation's statistics stay as they are; its scale and shift are trained through the folded
    kernel.

    Args:
        norm: that folds into the kernel, or None.
        next_norm: that follows and folds in part only, or None.
    """

    def __init__(
        self, layer: Any, quantizer: RangeQuantizer | None, norm: Any | None, next_norm: Any | None = None
    ) -> None:
        super().__init__(layer, quantizer)
        self.norm, self.next_norm = norm, next_norm
        self.kind = kind_of(layer)

    def compute(self, inputs: Any, training: bool) -> Any:
        """Apply the rounded kernel; biases are int32 in the file and are not rounded here."""
        kernel, bias = folded_kernel(self.layer, self.norm)
        if self.next_norm is not None:
            part = partly_folded(self.next_norm)
            bias = part.gain * (part.moved if bias is None else part.moved + bias)
            kernel = kernel * (ops.expand_dims(part.gain, -1) if self.kind.is_depthwise else part.gain)
        outputs = _apply(self.layer, inputs, fake_quantize_kernel(kernel, -2 if self.kind.is_depthwise else -1))
        return outputs if bias is None else outputs + bias


class AwareStridedRows(Aware):
    """`StridedRowsDepthwiseConv2D`: two depthwise convolutions, each with an int8 output, and their sum.

    Args:
        next_norm: that follows and folds into the two in part only, or None.
    """

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None, next_norm: Any | None) -> None:
        super().__init__(layer, quantizer)
        self.next_norm = next_norm
        self.parts = [RangeQuantizer(name=f"{layer.name}_{rows}_range") for rows in ("odd", "even")]

    def compute(self, inputs: Any, training: bool) -> Any:
        """Convolve odd and even rows apart, as the layer does."""
        rows, kernels = zip(*self.layer.row_parts(inputs), strict=True)
        biases: list[Any] = [0.0, 0.0]
        if self.next_norm is not None:
            part = partly_folded(self.next_norm)
            shares = shares_of([ops.sum(kernel, axis=(0, 1, 3)) for kernel in kernels])
            kernels = tuple(kernel * ops.expand_dims(part.gain, -1) for kernel in kernels)
            biases = [share * part.gain * part.moved for share in shares]
        around, at = (
            quantizer(ops.depthwise_conv(row, fake_quantize_kernel(kernel, -2)) + bias, training=training)
            for quantizer, row, kernel, bias in zip(self.parts, rows, kernels, biases, strict=True)
        )
        return around + at


class AwareNorm(Aware):
    """A normalisation that cannot be folded: a product with int8 constants, then a sum with int8 constants.

    Args:
        is_folded_in_part: whether the layer before it has taken what it can.
    """

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None, is_folded_in_part: bool) -> None:
        super().__init__(layer, quantizer)
        self.is_folded_in_part = is_folded_in_part
        self.product = RangeQuantizer(name=f"{layer.name}_product_range")

    def compute(self, inputs: Any, training: bool) -> Any:
        """Normalise by the statistics that the layer has."""
        factor, offset = factor_and_offset(self.layer)
        if self.is_folded_in_part:
            left = partly_folded(self.layer)
            factor, offset = left.factor, left.offset
        factor, offset = fake_quantize_constant(factor), fake_quantize_constant(offset)
        return self.product(inputs * factor, training=training) + offset


class AwareSilu(Aware):
    """x sigmoid(x), two operators."""

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None) -> None:
        super().__init__(layer, quantizer)
        self.gate = unit_quantizer(f"{layer.name}_gate_range")

    def compute(self, inputs: Any, training: bool) -> Any:
        """Round the sigmoid, then multiply."""
        return inputs * self.gate(ops.sigmoid(inputs))


class AwareAverage(Aware):
    """Average pooling, whose output has the grid of its input."""

    def __init__(self, layer: Any, grid: RangeQuantizer) -> None:
        super().__init__(layer, None)
        self.grid = grid

    def compute(self, inputs: Any, training: bool) -> Any:
        """Average and round to the input's grid."""
        return self.grid.round(self.layer(inputs))


def _apply(layer: Any, inputs: Any, kernel: Any) -> Any:
    """Convolve or multiply by another kernel than the layer's own."""
    kind = kind_of(layer)
    if kind.layer_class == "Dense":
        return ops.matmul(inputs, kernel)
    if not kind.is_depthwise:
        return layer.convolution_op(inputs, kernel)
    return ops.depthwise_conv(
        inputs, kernel, strides=layer.strides, padding=layer.padding, dilation_rate=layer.dilation_rate
    )
