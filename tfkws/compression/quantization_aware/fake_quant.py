"""Fake quantisation: values rounded to the steps that a TFLite int8 file will have, with a straight-through gradient.

The grids are those of TFLite's 8-bit specification. Values between operators: 256 steps from -128 to 127, one scale and
zero point a tensor, zero exactly on the grid. Kernels: 255 symmetric steps from -127 to 127, one scale an output
channel.
The gradient of rounding is 0 almost everywhere, so that of clipping replaces it: 1 inside the range, 0 outside
(Bengio et al. 2013, arXiv:1308.3432; Jacob et al. 2018, arXiv:1712.05877).
"""

from typing import Any

import keras
from keras import ops

LOWEST, HIGHEST, STEPS = -128, 127, 255
KERNEL_STEPS = 127
SMALLEST_SCALE = 1e-12  # of a tensor that is zero throughout


def fake_quantize(values: Any, low: Any, high: Any) -> Any:
    """Round to the 256 steps between `low` and `high`, widened to hold zero; what lies outside is clipped.

    Args:
        values: float, any shape.
        low, high: range of the tensor, numbers or scalars; they get no gradient.
    """
    scale, zero_point = grid_of(ops.stop_gradient(low), ops.stop_gradient(high))
    clipped = ops.clip(values, (LOWEST - zero_point) * scale, (HIGHEST - zero_point) * scale)
    return straight_through(clipped, scale)


def grid_of(low: Any, high: Any) -> tuple[Any, Any]:
    """Scale and zero point (a whole number, as float) of a range: real = scale * (stored - zero_point)."""
    low, high = ops.minimum(low, 0.0), ops.maximum(high, 0.0)
    scale = ops.maximum((high - low) / STEPS, SMALLEST_SCALE)
    return scale, ops.clip(ops.round(LOWEST - low / scale), LOWEST, HIGHEST)


def fake_quantize_constant(values: Any) -> Any:
    """Round a constant that is no kernel, such as the factors of a normalisation, to the 256 steps of int8.

    Its own smallest and largest value are the range.
    """
    return fake_quantize(values, ops.min(values), ops.max(values))


def fake_quantize_kernel(kernel: Any, channel_axis: int) -> Any:
    """Round each output channel, an index on `channel_axis`, to 255 steps around zero, as int8 has."""
    rank = len(kernel.shape)
    axes = [axis for axis in range(rank) if axis != channel_axis % rank]
    largest = ops.stop_gradient(ops.max(ops.abs(kernel), axis=axes, keepdims=True))
    return straight_through(kernel, ops.maximum(largest / KERNEL_STEPS, SMALLEST_SCALE))


def straight_through(values: Any, scale: Any) -> Any:
    """Round to multiples of `scale`; the gradient is that of `values`, whose shape and dtype stay.

    Source: the straight-through estimator of Bengio, Léonard and Courville, arXiv:1308.3432.
    """
    return values + ops.stop_gradient(ops.round(values / scale) * scale - values)


class RangeQuantizer(keras.layers.Layer):
    """Fake-quantise one tensor by a moving average of its range.

    A batch in training moves the range (float) towards its own smallest and largest value.

    Args:
        low, high: the range to begin with; where they are equal the first batch sets it.
        momentum: share 0..1 of the old range that a batch leaves; 1 fixes the range.
    """

    def __init__(self, low: float = 0.0, high: float = 0.0, momentum: float = 0.99, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.low, self.high = (
            self.add_weight(name=name, shape=(), initializer=keras.initializers.Constant(value), trainable=False)
            for name, value in (("low", low), ("high", high))
        )
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Update the range while training, then round; shape and dtype stay."""
        if training:
            self.observe(inputs)
        return self.round(inputs)

    def observe(self, values: Any) -> None:
        """Move the range towards that of a batch, or set it where it has none yet."""
        seen = self.high > self.low
        for bound, found in ((self.low, ops.min(values)), (self.high, ops.max(values))):
            moved = self.momentum * bound + (1 - self.momentum) * found
            bound.assign(ops.where(seen, moved, found))

    def round(self, values: Any) -> Any:
        """Round to the range as it is."""
        return fake_quantize(values, self.low, self.high)


def unit_quantizer(name: str) -> RangeQuantizer:
    """Return the grid that TFLite fixes for int8 outputs of sigmoid and softmax.

    Its scale is 1/256 and its zero point -128.
    """
    return RangeQuantizer(0.0, STEPS / (STEPS + 1), momentum=1.0, name=name)
