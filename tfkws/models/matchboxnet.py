"""MatchboxNet B x R x C: temporal depthwise-separable convolutions that take the rows of the map as channels.

Paper: Majumdar and Ginsburg, "MatchboxNet: 1D Time-Channel Separable Convolutional Neural Network Architecture for
Speech Commands Recognition", Interspeech 2020, arXiv 2004.08531, Table 1 and section 2. Input (rows, frames): 64 MFCC
x 128.
Every residual branch has a 1 x 1 convolution and a normalisation; all strides are 1, padding is TensorFlow's "same".
"""

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Activation, Tensor, rows_to_channels
from tfkws.models.family import Family, Variant

OUTER_CHANNELS = 128


def matchboxnet(
    input_shape: tuple[int, int, int], num_classes: int, block_count: int = 3, sub_blocks: int = 1, channels: int = 64
) -> keras.Model:
    """Build MatchboxNet-BxRxC.

    Args:
        input_shape: shape (bands, frames, channels) of one example.
        block_count: B; the temporal kernels of the blocks are 13, 15, 17 and so on, in frames.
        sub_blocks: R, separable convolutions of each block.
        channels: C, the width of the blocks.
    """
    inputs = x = blocks.image_input(input_shape)
    x = separable(rows_to_channels(x), "stem", OUTER_CHANNELS, 11)
    for number in range(1, block_count + 1):
        x = residual_block(x, f"stage1_block{number}", channels, 11 + 2 * number, sub_blocks)
    x = separable(x, "head_conv1", OUTER_CHANNELS, 29, dilation=2)
    x = blocks.norm_activate(blocks.conv(x, "head_conv2", OUTER_CHANNELS, 1), "head_conv2", "relu")
    return blocks.classify(inputs, blocks.global_average(x, "head_pool"), num_classes)


def separable(
    x: Tensor, name: str, channels: int, kernel: int, dilation: int = 1, activation: Activation | None = "relu"
) -> Tensor:
    """Convolve each channel over time, then mix channels, normalise and activate.

    Args:
        x: of shape (b, frames, 1, c).
        channels: to write.
        kernel, dilation: in frames.
        activation: None for none.
    """
    x = blocks.depthwise(x, f"{name}_depthwise", (kernel, 1), dilation=(dilation, 1))
    x = blocks.conv(x, f"{name}_pointwise", channels, 1)
    return blocks.norm_activate(x, f"{name}_pointwise", activation)


def residual_block(x: Tensor, name: str, channels: int, kernel: int, sub_blocks: int) -> Tensor:
    """Add `sub_blocks` separable convolutions to a 1 x 1 convolution of the same input.

    The shape (b, frames, 1, c) becomes (b, frames, 1, channels). No activation follows the last convolution;
    one follows the sum.
    """
    branch = x
    for number in range(1, sub_blocks + 1):
        activation: Activation | None = "relu" if number < sub_blocks else None
        branch = separable(branch, f"{name}_sub{number}", channels, kernel, activation=activation)
    skip = blocks.norm_activate(blocks.conv(x, f"{name}_skip", channels, 1), f"{name}_skip", None)
    return blocks.activate(blocks.add(f"{name}_add", skip, branch), name, "relu")


FAMILY = Family(
    name="matchboxnet",
    paper="Majumdar and Ginsburg 2020",
    builder=matchboxnet,
    input_shape=(64, 128, 1),
    num_classes=30,
    variants=tuple(
        Variant(
            f"matchboxnet_{b}x{r}x{c}", f"MatchboxNet-{b}x{r}x{c}", {"block_count": b, "sub_blocks": r, "channels": c}
        )
        for b, r, c in ((3, 1, 64), (3, 2, 64), (6, 2, 64))
    ),
)
