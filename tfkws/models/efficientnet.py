"""EfficientNet B0 to B7.

Paper: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, arXiv
1905.11946, Table 1; the coefficients are those of the authors' code. Squeeze-and-excitation is two 1 x 1 convolutions
with bias, a quarter of the block's input wide. Padding is TensorFlow's "same", as in the original.
"""

import dataclasses
import math

import keras

from tfkws.models import blocks
from tfkws.models.blocks import NormSettings
from tfkws.models.family import Family, Variant
from tfkws.models.residual_blocks import BlockRow, Style, make_divisible, squeeze_by_conv, stack

STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
STAGES = (
    BlockRow(expansion=1, channels=16, repeats=1, stride=1, squeeze=True),
    BlockRow(expansion=6, channels=24, repeats=2, stride=2, squeeze=True),
    BlockRow(expansion=6, channels=40, repeats=2, stride=2, kernel=5, squeeze=True),
    BlockRow(expansion=6, channels=80, repeats=3, stride=2, squeeze=True),
    BlockRow(expansion=6, channels=112, repeats=3, stride=1, kernel=5, squeeze=True),
    BlockRow(expansion=6, channels=192, repeats=4, stride=2, kernel=5, squeeze=True),
    BlockRow(expansion=6, channels=320, repeats=1, stride=1, squeeze=True),
)
STYLE = Style("silu", NormSettings(momentum=0.99, epsilon=1e-3), squeeze_by_conv, drop_connect=0.2)
COEFFICIENTS = {  # width, depth, dropout
    "b0": (1.0, 1.0, 0.2),
    "b1": (1.0, 1.1, 0.2),
    "b2": (1.1, 1.2, 0.3),
    "b3": (1.2, 1.4, 0.3),
    "b4": (1.4, 1.8, 0.4),
    "b5": (1.6, 2.2, 0.4),
    "b6": (1.8, 2.6, 0.5),
    "b7": (2.0, 3.1, 0.5),
}


def efficientnet(
    input_shape: tuple[int, int, int], num_classes: int, width: float = 1.0, depth: float = 1.0, dropout: float = 0.2
) -> keras.Model:
    """Build an EfficientNet.

    Args:
        input_shape: shape (height, width, channels) of one example.
        width: factor of all channels, rounded to multiples of 8.
        depth: factor of the repeats of each stage, rounded up.
        dropout: probability 0..1 before the classifier.
    """
    rows = [_scaled(row, width, depth) for row in STAGES]
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", make_divisible(STEM_CHANNELS * width), 3, 2)
    x = blocks.norm_activate(x, "stem_conv", "silu", STYLE.norm)
    x = stack(x, rows, STYLE)
    x = blocks.conv(x, "head_conv", make_divisible(HEAD_CHANNELS * width), 1)
    x = blocks.norm_activate(x, "head_conv", "silu", STYLE.norm)
    x = blocks.global_average(x, "head_pool")
    return blocks.classify(inputs, blocks.dropout(x, "head_dropout", dropout), num_classes)


def _scaled(row: BlockRow, width: float, depth: float) -> BlockRow:
    channels, repeats = make_divisible(row.channels * width), math.ceil(row.repeats * depth)
    return dataclasses.replace(row, channels=channels, repeats=repeats)


FAMILY = Family(
    name="efficientnet",
    paper="Tan and Le 2019; A (b1, b7)",
    builder=efficientnet,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=tuple(
        Variant(
            f"efficientnet_{size}", f"EfficientNet-{size.upper()}", {"width": width, "depth": depth, "dropout": rate}
        )
        for size, (width, depth, rate) in COEFFICIENTS.items()
    ),
)
