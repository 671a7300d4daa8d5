"""A depthwise convolution over rows with a stride in that direction only, which TensorFlow's kernels refuse.

TensorFlow's DepthwiseConv2D runs with equal strides alone. Output row i of a 3 x 1 kernel with stride 2 and padding 1
is k0 x[2i - 1] + k1 x[2i] + k2 x[2i + 1]: a 2 x 1 convolution over the odd rows plus a 1 x 1 convolution of the even
ones, both of stride 1, with the same number of multiply-accumulates and the same weights.
"""

from typing import Any

import keras
from keras import ops

ROWS = 3


@keras.saving.register_keras_serializable(package="tfkws")
class StridedRowsDepthwiseConv2D(keras.layers.Layer):
    """Convolve each channel by 3 x 1, with a stride of 2 over rows alone and no bias.

    The shape (b, rows, frames, c) becomes (b, ceil(rows / 2), frames, c). One row of zeros is padded above,
    and below as far as it is needed, as PyTorch does.
    """

    kernel_size = (ROWS, 1)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel, of shape (3, 1, c, 1)."""
        self.kernel = self.add_weight(name="kernel", shape=(ROWS, 1, input_shape[-1], 1), initializer="glorot_uniform")

    def call(self, inputs: Any) -> Any:
        """Convolve (b, rows, frames, c) to shape (b, ceil(rows / 2), frames, c)."""
        around, at = (ops.depthwise_conv(rows, kernel) for rows, kernel in self.row_parts(inputs))
        return around + at

    def row_parts(self, inputs: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Return rows and kernels of the two convolutions that sum to the output.

        Those of the odd rows come first. The kernels have the shapes (2, 1, c, 1) and (1, 1, c, 1).
        """
        below = inputs.shape[1] % 2
        padded = ops.pad(inputs, ((0, 0), (1, below), (0, 0), (0, 0)))
        odd, even = padded[:, 0::2], padded[:, 1::2]
        return (odd, self.kernel[0::2]), (even[:, : odd.shape[1] - 1], self.kernel[1:2])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape with half the rows, rounded up; None stays None."""
        batch, rows, frames, channels = input_shape
        return batch, None if rows is None else -(-rows // 2), frames, channels
