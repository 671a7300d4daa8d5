"""EfficientNetV2 S to XL in the form that paper A used.

Paper: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", ICML 2021, arXiv 2104.00298, Table 4. A's form
(known by its parameter counts) is that of the first public PyTorch code and differs from the authors' release: the stem
has 24 channels in every size, the head 1792, squeeze-and-excitation is two dense layers with bias, and a fused block
has its 1 x 1 projection at expansion 1, too. Padding is TensorFlow's "same".
"""

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Tensor
from tfkws.models.family import Family, Variant
from tfkws.models.residual_blocks import BlockRow, Style, make_divisible, stack

STEM_CHANNELS, HEAD_CHANNELS = 24, 1792
SIZES = {
    "s": (
        BlockRow(expansion=1, channels=24, repeats=2, stride=1),
        BlockRow(expansion=4, channels=48, repeats=4, stride=2),
        BlockRow(expansion=4, channels=64, repeats=4, stride=2),
        BlockRow(expansion=4, channels=128, repeats=6, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=160, repeats=9, stride=1, squeeze=True),
        BlockRow(expansion=6, channels=256, repeats=15, stride=2, squeeze=True),
    ),
    "m": (
        BlockRow(expansion=1, channels=24, repeats=3, stride=1),
        BlockRow(expansion=4, channels=48, repeats=5, stride=2),
        BlockRow(expansion=4, channels=80, repeats=5, stride=2),
        BlockRow(expansion=4, channels=160, repeats=7, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=176, repeats=14, stride=1, squeeze=True),
        BlockRow(expansion=6, channels=304, repeats=18, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=512, repeats=5, stride=1, squeeze=True),
    ),
    "l": (
        BlockRow(expansion=1, channels=32, repeats=4, stride=1),
        BlockRow(expansion=4, channels=64, repeats=7, stride=2),
        BlockRow(expansion=4, channels=96, repeats=7, stride=2),
        BlockRow(expansion=4, channels=192, repeats=10, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=224, repeats=19, stride=1, squeeze=True),
        BlockRow(expansion=6, channels=384, repeats=25, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=640, repeats=7, stride=1, squeeze=True),
    ),
    "xl": (
        BlockRow(expansion=1, channels=32, repeats=4, stride=1),
        BlockRow(expansion=4, channels=64, repeats=8, stride=2),
        BlockRow(expansion=4, channels=96, repeats=8, stride=2),
        BlockRow(expansion=4, channels=192, repeats=16, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=256, repeats=24, stride=1, squeeze=True),
        BlockRow(expansion=6, channels=512, repeats=32, stride=2, squeeze=True),
        BlockRow(expansion=6, channels=640, repeats=8, stride=1, squeeze=True),
    ),
}


def efficientnet_v2(input_shape: tuple[int, int, int], num_classes: int, size: str = "s") -> keras.Model:
    """Build an EfficientNetV2.

    Args:
        input_shape: shape (height, width, channels) of one example.
        size: "s", "m", "l" or "xl".

    Raises:
        KeyError: another size; `build_model` turns it into a ModelError.
    """
    inputs = x = blocks.image_input(input_shape)
    x = blocks.norm_activate(blocks.conv(x, "stem_conv", STEM_CHANNELS, 3, 2), "stem_conv", "silu")
    x = stack(x, SIZES[size], Style("silu", squeeze=squeeze_by_dense, fused=True))
    x = blocks.norm_activate(blocks.conv(x, "head_conv", HEAD_CHANNELS, 1), "head_conv", "silu")
    return blocks.classify(inputs, blocks.global_average(x, "head_pool"), num_classes)


def squeeze_by_dense(x: Tensor, name: str, channels: int) -> Tensor:
    """Weigh channels by two dense layers over the averaged map; the shape (b, h, w, c) stays.

    Args:
        channels: input channels of the block; a quarter of them, rounded to a multiple of 8, is the width
            between.
    """
    gate = blocks.global_average(x, f"{name}_pool")
    gate = keras.layers.Dense(make_divisible(channels // 4), name=f"{name}_reduce")(gate)
    gate = blocks.activate(gate, f"{name}_reduce", "silu")
    gate = keras.layers.Dense(x.shape[-1], name=f"{name}_restore")(gate)
    gate = blocks.activate(gate, f"{name}_restore", "sigmoid")
    gate = keras.layers.Reshape((1, 1, x.shape[-1]), name=f"{name}_reshape")(gate)
    return keras.layers.Multiply(name=f"{name}_scale")([x, gate])


FAMILY = Family(
    name="efficientnet_v2",
    paper="Tan and Le 2021; A (m, xl)",
    builder=efficientnet_v2,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=tuple(Variant(f"effnetv2_{size}", f"EfficientNetV2-{size.upper()}", {"size": size}) for size in SIZES),
)
