"""Tables of inverted residual blocks, and squeeze-and-excitation, for MobileNetV2, MnasNet and both EfficientNets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from tfkws.models import blocks
from tfkws.models.blocks import Activation, NormSettings, Tensor

Squeeze = Callable[[Tensor, str, int], Tensor]


@dataclass(frozen=True)
class BlockRow:
    """One row of an architecture's block table; input widths follow from the row before.

    Attributes:
        expansion: hidden channels of a block as a multiple of its input channels.
        channels: output channels.
        repeats: number of blocks; only the first has the stride.
        stride: in both directions.
        kernel: side of the spatial convolution.
        squeeze: whether the blocks have squeeze-and-excitation.
    """

    expansion: int
    channels: int
    repeats: int
    stride: int
    kernel: int = 3
    squeeze: bool = False


@dataclass(frozen=True)
class Style:
    """What the blocks of one network have in common.

    Attributes:
        activation: after the expanding and the depthwise convolution.
        norm: settings of every batch normalisation.
        squeeze: `(map, name, block input channels) -> map` for rows with squeeze-and-excitation.
        fused: rows without squeeze-and-excitation are fused blocks, as in EfficientNetV2.
        drop_connect: probability 0..1 that the last block's residual branch is dropped for a training
            example; it grows linearly from zero at the first block.
    """

    activation: Activation
    norm: NormSettings = NormSettings()
    squeeze: Squeeze | None = None
    fused: bool = False
    drop_connect: float = 0.0


def make_divisible(value: float, divisor: int = 8) -> int:
    """Round to the nearest multiple of `divisor` that loses no more than a tenth of `value`.

    Source: `_make_divisible` of the MobileNet reference code.
    """
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def stack(x: Tensor, rows: Sequence[BlockRow], style: Style) -> Tensor:
    """Build all rows of a block table: `stage1_block1_...`, `stage1_block2_...` and so on.

    The output has shape (b, h', w', channels of the last row). A block whose output has its input's shape
    adds both.
    """
    total, done = sum(row.repeats for row in rows), 0
    for stage, row in enumerate(rows, start=1):
        block = fused_residual if style.fused and not row.squeeze else inverted_residual
        for repeat in range(1, row.repeats + 1):
            inputs, stride = x, row.stride if repeat == 1 else 1
            name = f"stage{stage}_block{repeat}"
            x = block(x, name, row, stride, style)
            if stride == 1 and inputs.shape[-1] == row.channels:
                x = residual(inputs, x, name, style.drop_connect * done / total)
            done += 1
    return x


def inverted_residual(x: Tensor, name: str, row: BlockRow, stride: int, style: Style) -> Tensor:
    """Expand by 1 x 1 (not at expansion 1), convolve depthwise, squeeze, project by 1 x 1.

    Squeeze-and-excitation is there where the row and the style say so. The shape (b, h, w, c) becomes
    (b, ceil(h / stride), ceil(w / stride), row.channels).
    """
    channels = x.shape[-1]
    if row.expansion != 1:
        x = blocks.conv(x, f"{name}_expand", channels * row.expansion, 1)
        x = blocks.norm_activate(x, f"{name}_expand", style.activation, style.norm)
    x = blocks.depthwise(x, f"{name}_depthwise", row.kernel, stride)
    x = blocks.norm_activate(x, f"{name}_depthwise", style.activation, style.norm)
    if row.squeeze and style.squeeze is not None:
        x = style.squeeze(x, f"{name}_squeeze", channels)
    return project(x, name, row, style)


def fused_residual(x: Tensor, name: str, row: BlockRow, stride: int, style: Style) -> Tensor:
    """Expand by a full convolution, also at expansion 1, and project by 1 x 1.

    The shape (b, h, w, c) becomes (b, ceil(h / stride), ceil(w / stride), row.channels).
    """
    x = blocks.conv(x, f"{name}_fused", x.shape[-1] * row.expansion, row.kernel, stride)
    x = blocks.norm_activate(x, f"{name}_fused", style.activation, style.norm)
    return project(x, name, row, style)


def project(x: Tensor, name: str, row: BlockRow, style: Style) -> Tensor:
    """Project to the row's channels by 1 x 1 and normalise, without an activation.

    The shape (b, h, w, c) becomes (b, h, w, row.channels).
    """
    x = blocks.conv(x, f"{name}_project", row.channels, 1)
    return blocks.norm_activate(x, f"{name}_project", None, style.norm)


def residual(inputs: Tensor, x: Tensor, name: str, drop_rate: float) -> Tensor:
    """Add the branch `x` to its input, both of one shape.

    Args:
        drop_rate: probability 0..1 that the branch is dropped for a whole example while training.
    """
    if drop_rate > 0:
        x = keras.layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(x)
    return blocks.add(f"{name}_add", inputs, x)


def squeeze_by_conv(x: Tensor, name: str, channels: int) -> Tensor:
    """Weigh channels by two 1 x 1 convolutions with bias over the averaged map; the shape (b, h, w, c) stays.

    Args:
        channels: input channels of the block; a quarter of them, at least 1, is the width between.
    """
    gate = blocks.global_average(x, f"{name}_pool", keepdims=True)
    gate = blocks.conv(gate, f"{name}_reduce", max(1, channels // 4), 1, use_bias=True)
    gate = blocks.activate(gate, f"{name}_reduce", "silu")
    gate = blocks.conv(gate, f"{name}_restore", x.shape[-1], 1, use_bias=True)
    gate = blocks.activate(gate, f"{name}_restore", "sigmoid")
    return keras.layers.Multiply(name=f"{name}_scale")([x, gate])
