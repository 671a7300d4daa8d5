"""MnasNet-B1.

Paper: Tan et al., "MnasNet: Platform-Aware Neural Architecture Search for Mobile", CVPR 2019, arXiv 1807.11626, the B1
model (no squeeze-and-excitation). Padding is TensorFlow's "same". The public implementations keep batch statistics
with momentum 0.9997, far too slow for a short training; ours is 0.9.
"""

import dataclasses

import keras

from tfkws.models import blocks
from tfkws.models.family import Family, Variant
from tfkws.models.residual_blocks import BlockRow, Style, make_divisible, stack

STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
STAGES = (
    BlockRow(expansion=1, channels=16, repeats=1, stride=1),
    BlockRow(expansion=3, channels=24, repeats=3, stride=2),
    BlockRow(expansion=3, channels=40, repeats=3, stride=2, kernel=5),
    BlockRow(expansion=6, channels=80, repeats=3, stride=2, kernel=5),
    BlockRow(expansion=6, channels=96, repeats=2, stride=1),
    BlockRow(expansion=6, channels=192, repeats=4, stride=2, kernel=5),
    BlockRow(expansion=6, channels=320, repeats=1, stride=1),
)


def mnasnet(input_shape: tuple[int, int, int], num_classes: int, width: float = 1.0) -> keras.Model:
    """Build MnasNet-B1.

    Args:
        input_shape: shape (height, width, channels) of one example.
        width: factor of all channels but the head's, rounded to multiples of 8.
    """
    rows = [dataclasses.replace(row, channels=make_divisible(row.channels * width)) for row in STAGES]
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", make_divisible(STEM_CHANNELS * width), 3, 2)
    x = blocks.norm_activate(x, "stem_conv", "relu")
    x = stack(x, rows, Style("relu"))
    x = blocks.norm_activate(blocks.conv(x, "head_conv", HEAD_CHANNELS, 1), "head_conv", "relu")
    x = blocks.global_average(x, "head_pool")
    return blocks.classify(inputs, blocks.dropout(x, "head_dropout", 0.2), num_classes)


FAMILY = Family(
    name="mnasnet",
    paper="Tan et al. 2019; A",
    builder=mnasnet,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=(
        Variant("mnasnet0_5", "MnasNet-B1 0.5", {"width": 0.5}),
        Variant("mnasnet0_75", "MnasNet-B1 0.75", {"width": 0.75}),
        Variant("mnasnet1_0", "MnasNet-B1 1.0", {"width": 1.0}),
        Variant("mnasnet1_3", "MnasNet-B1 1.3", {"width": 1.3}),
    ),
)
