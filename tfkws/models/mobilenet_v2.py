"""MobileNetV2, which paper A calls DSCNN.

Paper: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, arXiv 1801.04381, Table 2.
Padding is TensorFlow's "same".
"""

import dataclasses

import keras

from tfkws.models import blocks
from tfkws.models.family import Family, Variant
from tfkws.models.residual_blocks import BlockRow, Style, make_divisible, stack

STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
STAGES = (
    BlockRow(expansion=1, channels=16, repeats=1, stride=1),
    BlockRow(expansion=6, channels=24, repeats=2, stride=2),
    BlockRow(expansion=6, channels=32, repeats=3, stride=2),
    BlockRow(expansion=6, channels=64, repeats=4, stride=2),
    BlockRow(expansion=6, channels=96, repeats=3, stride=1),
    BlockRow(expansion=6, channels=160, repeats=3, stride=2),
    BlockRow(expansion=6, channels=320, repeats=1, stride=1),
)


def mobilenet_v2(input_shape: tuple[int, int, int], num_classes: int, width: float = 1.0) -> keras.Model:
    """Build MobileNetV2.

    Args:
        input_shape: shape (height, width, channels) of one example.
        width: factor of all channels, rounded to multiples of 8; the head's are never fewer than at 1.
    """
    rows = [dataclasses.replace(row, channels=make_divisible(row.channels * width)) for row in STAGES]
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", make_divisible(STEM_CHANNELS * width), 3, 2)
    x = blocks.norm_activate(x, "stem_conv", "relu6")
    x = stack(x, rows, Style("relu6"))
    x = blocks.conv(x, "head_conv", make_divisible(HEAD_CHANNELS * max(1.0, width)), 1)
    x = blocks.norm_activate(x, "head_conv", "relu6")
    x = blocks.global_average(x, "head_pool")
    return blocks.classify(inputs, blocks.dropout(x, "head_dropout", 0.2), num_classes)


FAMILY = Family(
    name="mobilenet_v2",
    paper="Sandler et al. 2018; A's DSCNN",
    builder=mobilenet_v2,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=(
        Variant("mobilenetv2_0_35", "MobileNetV2 0.35", {"width": 0.35}),
        Variant("mobilenetv2_0_5", "MobileNetV2 0.5", {"width": 0.5}),
        Variant("mobilenetv2_0_75", "MobileNetV2 0.75", {"width": 0.75}),
        Variant("dscnn", "MobileNetV2 1.0", {"width": 1.0}),
        Variant("mobilenetv2_1_4", "MobileNetV2 1.4", {"width": 1.4}),
    ),
)
