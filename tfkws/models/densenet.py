"""DenseNet-BC in its CIFAR form: three dense blocks.

Paper: Huang et al., "Densely Connected Convolutional Networks", CVPR 2017, arXiv 1608.06993, section 4 (BC:
bottlenecks, and transitions that halve the channels). Padding is TensorFlow's "same"; all 3 x 3 strides are 1.
"""

import keras

from tfkws.errors import ModelError
from tfkws.models import blocks
from tfkws.models.blocks import Tensor
from tfkws.models.family import Family, Variant

STAGES = 3


def densenet_bc(input_shape: tuple[int, int, int], num_classes: int, depth: int = 100, growth: int = 12) -> keras.Model:
    """Build DenseNet-BC.

    Args:
        input_shape: shape (height, width, channels) of one example.
        depth: number of convolutions and the dense layer: 10, 16, 22 and so on.
        growth: channels that each bottleneck adds.

    Raises:
        ModelError: `depth` is not 4 more than a multiple of 6, or below 10.
        ShapeTooSmallError: the input is too small for the two poolings.
    """
    bottlenecks, rest = divmod(depth - 4, 2 * STAGES)
    if rest or bottlenecks < 1:
        raise ModelError(f"depth must be 4 more than a multiple of 6, at least 10. Received {depth}.")
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", 2 * growth, 3)
    for stage in range(1, STAGES + 1):
        for number in range(1, bottlenecks + 1):
            x = bottleneck(x, f"stage{stage}_block{number}", growth)
        if stage < STAGES:
            x = transition(x, f"stage{stage}_transition")
    x = blocks.norm_activate(x, "head", "relu")
    return blocks.classify(inputs, blocks.global_average(x, "head_pool"), num_classes)


def bottleneck(x: Tensor, name: str, growth: int) -> Tensor:
    """Append `growth` channels: norm, ReLU, 1 x 1 to four times the growth, norm, ReLU, 3 x 3.

    The shape (b, h, w, c) becomes (b, h, w, c + growth).
    """
    branch = blocks.norm_activate(x, f"{name}_input", "relu")
    branch = blocks.conv(branch, f"{name}_reduce", 4 * growth, 1)
    branch = blocks.norm_activate(branch, f"{name}_reduce", "relu")
    branch = blocks.conv(branch, f"{name}_grow", growth, 3)
    return keras.layers.Concatenate(name=f"{name}_concat")([x, branch])


def transition(x: Tensor, name: str) -> Tensor:
    """Halve channels and map: norm, ReLU, 1 x 1, average of 2 x 2.

    The shape (b, h, w, c) becomes (b, h // 2, w // 2, c // 2).

    Raises:
        ShapeTooSmallError: the map is smaller than 2 x 2.
    """
    x = blocks.norm_activate(x, f"{name}_input", "relu")
    x = blocks.conv(x, f"{name}_halve", x.shape[-1] // 2, 1)
    return blocks.pool(x, f"{name}_pool", "average")


FAMILY = Family(
    name="densenet_bc",
    paper="Huang et al. 2017; A (190-40)",
    builder=densenet_bc,
    input_shape=(32, 32, 1),
    num_classes=2,
    variants=tuple(
        Variant(f"densenet_bc_{depth}_{growth}", f"DenseNet-BC {depth}-{growth}", {"depth": depth, "growth": growth})
        for depth, growth in ((100, 12), (250, 24), (190, 40))
    ),
)
