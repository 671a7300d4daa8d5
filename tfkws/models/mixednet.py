"""MixedNet: microWakeWord's network, temporal separable convolutions without padding, made for streams.

Code: K. Ahrendt, microWakeWord, `mixednet.py` (Apache 2.0), https://github.com/kahrendt/microWakeWord; one kernel a
block, as its model "alexa" has. Rows are channels; one convolution strides three frames, which is a device's step, and
what is left of the window is flattened. Nothing pads along time, so on a stream the answers are those of the window,
and at once. microWakeWord ends in one sigmoid; the softmax of two classes is the same function of their difference.
"""

from collections.abc import Sequence

import keras

from tfkws.models import blocks
from tfkws.models.blocks import rows_to_channels
from tfkws.models.family import Family, Variant

STEM_KERNEL, STEM_STRIDE = 5, 3


def mixednet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    block_kernels: Sequence[int] = (5, 7, 9, 11),
    channels: int = 64,
    stem_channels: int = 32,
) -> keras.Model:
    """Build a MixedNet.

    Args:
        input_shape: shape (bands, frames, channels) of one example.
        block_kernels: of the blocks, along time; a window holds 5 + 3 * (sum of kernels less 1 each) frames at least.
        channels: of each block.
        stem_channels: of the first convolution.
    """
    inputs = x = blocks.image_input(input_shape)
    stem = (STEM_KERNEL, 1), (STEM_STRIDE, 1)
    x = blocks.conv(rows_to_channels(x), "stem_conv", stem_channels, *stem, padding="valid")
    x = blocks.activate(x, "stem_conv", "relu")
    for number, kernel in enumerate(block_kernels, start=1):
        name = f"stage1_block{number}"
        x = blocks.depthwise(x, f"{name}_depthwise", (kernel, 1), padding="valid")
        x = blocks.conv(x, f"{name}_pointwise", channels, 1)
        x = blocks.norm_activate(x, f"{name}_pointwise", "relu")
    return blocks.classify(inputs, keras.layers.Flatten(name="head_flatten")(x), num_classes)


FAMILY = Family(
    name="mixednet",
    paper="Ahrendt 2024, microWakeWord",
    builder=mixednet,
    input_shape=(40, 98, 1),
    num_classes=2,
    variants=(
        Variant("mixednet", "MixedNet for one second", {}),
        Variant("mixednet_32", "MixedNet for one second, half as wide", {"channels": 32, "stem_channels": 16}),
    ),
)
