"""Rows of the seed CNN as text: `4x10,100 3x3,100`."""

import re
from dataclasses import dataclass

from tfkws.errors import ModelError

UNIT = re.compile(r"(\d+)x(\d+),(\d+)")
STRIDE = re.compile(r"(\d+)x(\d+)")
DEFAULT_STRIDES = "1x2"


@dataclass(frozen=True)
class ConvUnit:
    """One unit of the seed CNN: convolution, batch normalisation, ReLU. All numbers are int, at least 1."""

    kernel_height: int
    kernel_width: int
    filters: int
    stride_height: int = 1
    stride_width: int = 1


def decode_units(convs: str, strides: str = DEFAULT_STRIDES) -> tuple[ConvUnit, ...]:
    """Read units from text.

    Args:
        convs: kernel height x kernel width, filters, one unit after the other: "4x10,100 3x3,100".
        strides: vertical x horizontal, from the first unit on; units beyond the list have 1x1.

    Raises:
        ModelError: a part is not of that form, or is zero.
    """
    kernels = [_numbers(UNIT, part, "convs", "4x10,100 3x3,100") for part in convs.split()]
    steps = [_numbers(STRIDE, part, "strides", "1x2 1x1") for part in strides.split()]
    if not kernels or len(steps) > len(kernels):
        raise ModelError(f"convs must name at least one unit and as many as strides. Received {convs!r}, {strides!r}.")
    steps += [(1, 1)] * (len(kernels) - len(steps))
    return tuple(ConvUnit(*kernel, *step) for kernel, step in zip(kernels, steps, strict=True))


def encode_units(units: tuple[ConvUnit, ...]) -> tuple[str, str]:
    """Write units as the texts (convs, strides) that `decode_units` reads.

    Example:
        >>> encode_units(decode_units("4x10,100 3x3,50", "1x2"))
        ('4x10,100 3x3,50', '1x2 1x1')
    """
    convs = " ".join(f"{unit.kernel_height}x{unit.kernel_width},{unit.filters}" for unit in units)
    return convs, " ".join(f"{unit.stride_height}x{unit.stride_width}" for unit in units)


def _numbers(pattern: re.Pattern[str], part: str, setting: str, example: str) -> tuple[int, ...]:
    match = pattern.fullmatch(part)
    numbers = tuple(map(int, match.groups())) if match else (0,)
    if min(numbers) < 1:
        raise ModelError(f"{setting} must read like {example!r}, all numbers at least 1. Received {part!r}.")
    return numbers
