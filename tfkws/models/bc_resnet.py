"""BC-ResNet-1 to BC-ResNet-8: broadcasted residuals between a temporal and a frequency path.

Paper: Kim et al., "Broadcasted Residual Learning for Efficient Keyword Spotting", Interspeech 2021, arXiv 2106.04140,
Table 1 and Figure 2. Input (bands, frames): 40 log-mel bands. The published networks have five sub-bands and a closing
5 x 5 depthwise convolution without padding in frequency; where another number of bands leaves fewer rows, both shrink
to the rows that are left. Padding is TensorFlow's "same" for the first convolution (which sees the same rows as in the
original for an odd number of bands, and is shifted by one for an even one) and as in the original everywhere else.
"""

from dataclasses import dataclass

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Tensor
from tfkws.models.family import Family, Variant
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization

SUB_BANDS = 5


@dataclass(frozen=True)
class BroadcastStage:
    """One row of the paper's Table 1.

    Attributes:
        channels: as a multiple of the base width, which is int(8 * tau).
        repeats: number of blocks.
        stride: over rows, of the first block; the others have 1.
        dilation: of the temporal kernels, in frames.
    """

    channels: float
    repeats: int
    stride: int
    dilation: int


STEM_CHANNELS, HEAD_CHANNELS = 2.0, 4.0
STAGES = (
    BroadcastStage(channels=1.0, repeats=2, stride=1, dilation=1),
    BroadcastStage(channels=1.5, repeats=2, stride=2, dilation=2),
    BroadcastStage(channels=2.0, repeats=4, stride=2, dilation=4),
    BroadcastStage(channels=2.5, repeats=4, stride=1, dilation=8),
)


def bc_resnet(input_shape: tuple[int, int, int], num_classes: int, tau: float = 1.0) -> keras.Model:
    """Build BC-ResNet-tau.

    Args:
        input_shape: shape (bands, frames, channels) of one example.
        tau: factor of all widths, which are rounded down to int; published: 1, 1.5, 2, 3, 6 and 8.
    """
    base = int(8 * tau)
    inputs = x = blocks.image_input(input_shape)
    x = blocks.conv(x, "stem_conv", int(base * STEM_CHANNELS), 5, (2, 1))
    x = blocks.norm_activate(x, "stem_conv", "relu")
    for number, row in enumerate(STAGES, start=1):
        for repeat in range(1, row.repeats + 1):
            stride = row.stride if repeat == 1 else 1
            x = broadcast_block(x, f"stage{number}_block{repeat}", int(base * row.channels), stride, row.dilation)
    x = closing_depthwise(x)
    x = blocks.conv(x, "head_pointwise", int(base * HEAD_CHANNELS), 1)
    x = blocks.norm_activate(x, "head_pointwise", "relu")
    return blocks.classify(inputs, blocks.global_average(x, "head_pool"), num_classes)


def broadcast_block(x: Tensor, name: str, channels: int, stride: int, dilation: int) -> Tensor:
    """Convolve over frequency, average it away, convolve over time, and add the result back to every row.

    Args:
        x: of shape (b, rows, frames, c).
        channels: to write; where they are not c, a 1 x 1 convolution comes first and the input is not added.
        stride: over rows, 1 or 2.
        dilation: of the temporal kernel, in frames.

    Returns:
        A map of shape (b, ceil(rows / stride), frames, channels).
    """
    inputs, transition = x, x.shape[-1] != channels
    if transition:
        x = blocks.norm_activate(blocks.conv(x, f"{name}_expand", channels, 1), f"{name}_expand", "relu")
    if stride == 1:
        x = blocks.depthwise(x, f"{name}_frequency", (3, 1))
    else:
        x = StridedRowsDepthwiseConv2D(name=f"{name}_frequency")(x)
    x = SubSpectralNormalization(min(SUB_BANDS, x.shape[1]), name=f"{name}_frequency_norm")(x)
    time = temporal_path(x, name, dilation)
    x = blocks.add(f"{name}_broadcast", x, time)
    if not transition:
        x = blocks.add(f"{name}_add", x, inputs)
    return blocks.activate(x, name, "relu")


def temporal_path(x: Tensor, name: str, dilation: int) -> Tensor:
    """Average over rows, then convolve over time and mix channels.

    The shape (b, rows, frames, c) becomes (b, 1, frames, c).
    """
    rows, channels = x.shape[1], x.shape[-1]
    x = keras.layers.AveragePooling2D((rows, 1), name=f"{name}_rows_pool")(x)
    x = blocks.depthwise(x, f"{name}_temporal", (1, 3), dilation=(1, dilation))
    x = blocks.norm_activate(x, f"{name}_temporal", "silu")
    x = blocks.conv(x, f"{name}_pointwise", channels, 1)
    return keras.layers.SpatialDropout2D(0.1, name=f"{name}_dropout")(x)


def closing_depthwise(x: Tensor) -> Tensor:
    """Convolve 5 x 5 depthwise, padded over time only.

    The shape (b, rows, frames, c) becomes (b, max(rows - 4, 1), frames, c).
    """
    x = keras.layers.ZeroPadding2D(((0, 0), (2, 2)), name="head_pad")(x)
    return blocks.depthwise(x, "head_depthwise", (min(5, x.shape[1]), 5), padding="valid")


FAMILY = Family(
    name="bc_resnet",
    paper="Kim et al. 2021",
    builder=bc_resnet,
    input_shape=(40, 98, 1),
    num_classes=12,
    variants=tuple(
        Variant(f"bc_resnet_{tau:g}".replace(".", "_"), f"BC-ResNet-{tau:g}", {"tau": tau})
        for tau in (1.0, 1.5, 2.0, 3.0, 6.0, 8.0)
    ),
)
