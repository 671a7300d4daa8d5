"""Rows of the block tables, and the one rounding rule for scaled channel counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One row of an architecture's table; input widths follow from the row before.

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


def make_divisible(value: float, divisor: int = 8) -> int:
    """Round to the nearest multiple of `divisor` that loses no more than a tenth of `value`."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
