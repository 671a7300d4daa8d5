"""Layers of a quantisation-aware network: each holds a layer of the plain network and computes as its int8 form will.

The layer inside is shared, not copied: what is learned here is learned there.
"""

from typing import Any

import keras
from keras import ops

from tfkws.compression.fake_quant import (
    RangeQuantizer,
    fake_quantize_constant,
    fake_quantize_kernel,
    unit_quantizer,
)
from tfkws.compression.norm_folding import centred, channel_axis, factor_and_offset, folded_kernel


class Aware(keras.layers.Layer):
    """Compute one layer, then round its output where an int8 tensor of its own holds it.

    Args:
        layer: built layer of the plain network.
        quantizer: of the output; None where the next operator is fused in, or the output stays on the input's grid.
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
        """Compute without rounding the output; the layer itself, unless a subclass knows better."""
        return self.layer(inputs, training=training) if self.layer._call_has_training_arg else self.layer(inputs)


class AwareKernel(Aware):
    """A convolution or dense layer, with the normalisation behind it folded into kernel and bias.

    The normalisation's statistics stay as they are; its scale and shift are trained through the folded kernel.

    Args:
        norm: that folds into the kernel, or None.
        centred_norm: that follows and does not fold, but whose mean offset goes into the bias, or None.
    """

    def __init__(
        self, layer: Any, quantizer: RangeQuantizer | None, norm: Any | None, centred_norm: Any | None = None
    ) -> None:
        super().__init__(layer, quantizer)
        self.norm, self.centred_norm = norm, centred_norm

    def compute(self, inputs: Any, training: bool) -> Any:
        """Apply the rounded kernel; biases have 32 bits and stay."""
        kernel, bias = folded_kernel(self.layer, self.norm)
        outputs = _apply(self.layer, inputs, fake_quantize_kernel(kernel, channel_axis(self.layer)))
        outputs = outputs if bias is None else outputs + bias
        return outputs if self.centred_norm is None else outputs + centred(self.centred_norm)[0]


class AwareStridedRows(Aware):
    """`StridedRowsDepthwiseConv2D`: two depthwise convolutions, each with an int8 output, and their sum.

    What the normalisation behind it moves forward goes into the bias of the first.
    """

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None, centred_norm: Any | None) -> None:
        super().__init__(layer, quantizer)
        self.centred_norm = centred_norm
        self.parts = [RangeQuantizer(name=f"{layer.name}_{rows}_range") for rows in ("odd", "even")]

    def compute(self, inputs: Any, training: bool) -> Any:
        """Convolve odd and even rows apart, as the layer does."""
        around, at = (
            ops.depthwise_conv(rows, fake_quantize_kernel(kernel, -2)) for rows, kernel in self.layer.row_parts(inputs)
        )
        around = around if self.centred_norm is None else around + centred(self.centred_norm)[0]
        return self.parts[0](around, training=training) + self.parts[1](at, training=training)


class AwareNorm(Aware):
    """A normalisation that folds into nothing: a product with int8 constants, then a sum with int8 constants.

    Args:
        is_centred: whether the layer before it has the mean offset in its bias.
    """

    def __init__(self, layer: Any, quantizer: RangeQuantizer | None, is_centred: bool) -> None:
        super().__init__(layer, quantizer)
        self.is_centred = is_centred
        self.product = RangeQuantizer(name=f"{layer.name}_product_range")

    def compute(self, inputs: Any, training: bool) -> Any:
        """Normalise by the statistics that the layer has."""
        constants = centred(self.layer)[1:] if self.is_centred else factor_and_offset(self.layer)
        factor, offset = map(fake_quantize_constant, constants)
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
    if isinstance(layer, keras.layers.Dense):
        return ops.matmul(inputs, kernel)
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return (ops.depthwise_conv if depthwise else ops.conv)(
        inputs, kernel, strides=layer.strides, padding=layer.padding, dilation_rate=layer.dilation_rate
    )
