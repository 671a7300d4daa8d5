"""TC-ResNet: temporal convolutions that take the rows of the map as channels.

Paper: Choi et al., "Temporal Convolution for Real-time Keyword Spotting on Mobile Devices", Interspeech 2019, arXiv
1904.03814, Figure 2. Input (rows, frames): 40 x 98. Padding is TensorFlow's "same", as in the original.
"""

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Tensor, rows_to_channels
from tfkws.models.family import Family, Variant

STEM_CHANNELS, CHANNELS = 16, (24, 32, 48)


def tc_resnet(input_shape: tuple[int, int, int], num_classes: int, repeats: int = 1, width: float = 1.0) -> keras.Model:
    """Build three stages of residual blocks over time.

    Args:
        input_shape: shape (bands, frames, channels) of one example.
        repeats: blocks of each stage: 1 for TC-ResNet8, 2 for TC-ResNet14.
        width: factor of all channels, which are rounded down to int.
    """
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(rows_to_channels(x), "stem_conv", int(STEM_CHANNELS * width), (3, 1))
    x = blocks.norm_activate(x, "stem_conv", "relu")
    for stage, channels in enumerate(CHANNELS, start=1):
        for number in range(1, repeats + 1):
            stride = 2 if number == 1 else 1
            x = residual_block(x, f"stage{stage}_block{number}", int(channels * width), stride)
    x = blocks.dropout(blocks.global_average(x, "head_pool"), "head_dropout", 0.5)
    return blocks.classify(inputs, x, num_classes)


def residual_block(x: Tensor, name: str, channels: int, stride: int) -> Tensor:
    """Apply two 9 x 1 convolutions beside the identity, or beside a 1 x 1 convolution where the stride is 2.

    The shape (b, frames, 1, c) becomes (b, ceil(frames / stride), 1, channels).
    """
    branch = blocks.conv(x, f"{name}_conv1", channels, (9, 1), (stride, 1))
    branch = blocks.norm_activate(branch, f"{name}_conv1", "relu")
    branch = blocks.conv(branch, f"{name}_conv2", channels, (9, 1))
    branch = blocks.norm_activate(branch, f"{name}_conv2", None)
    if stride != 1:
        x = blocks.norm_activate(blocks.conv(x, f"{name}_skip", channels, 1, (stride, 1)), f"{name}_skip", "relu")
    return blocks.activate(blocks.add(f"{name}_add", x, branch), name, "relu")


FAMILY = Family(
    name="tc_resnet",
    paper="Choi et al. 2019",
    builder=tc_resnet,
    input_shape=(40, 98, 1),
    num_classes=12,
    variants=(
        Variant("tc_resnet8", "TC-ResNet8", {"repeats": 1}),
        Variant("tc_resnet8_1_5", "TC-ResNet8-1.5", {"repeats": 1, "width": 1.5}),
        Variant("tc_resnet14", "TC-ResNet14", {"repeats": 2}),
        Variant("tc_resnet14_1_5", "TC-ResNet14-1.5", {"repeats": 2, "width": 1.5}),
    ),
)
