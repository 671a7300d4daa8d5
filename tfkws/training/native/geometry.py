"""Where a convolution reads and writes: kernel positions as offsets, and stretches of outputs that lie side by side."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tfkws.training.native.maps import Map, Margins, Shape

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Sizes of a convolution, each as (rows, columns).

    Attributes:
        kernel, stride, dilation: of the convolution.
        before: rows and columns of zeros above and to the left.
    """

    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair

    def input_margins(self, read: Shape, written: Shape) -> Margins:
        """Return the zeros that the convolution reads around its input."""
        (above, below), (left, right) = (
            _beyond(range(-before, (out - 1) * stride + (kernel - 1) * dilation - before + 1), size)
            for before, out, stride, kernel, dilation, size in zip(
                self.before,
                (written.rows, written.columns),
                self.stride,
                self.kernel,
                self.dilation,
                (read.rows, read.columns),
                strict=True,
            )
        )
        return Margins(above, below, left, right)

    def gradient_margins(self, read: Shape, written: Shape) -> Margins:
        """Return the zeros that the gradient by the input reads around the gradient by the output."""
        sides: list[int] = []
        sizes = zip((read.rows, read.columns), (written.rows, written.columns), strict=True)
        for axis, (size, out) in enumerate(sizes):
            reached = [
                place
                for first in range(min(self.stride[axis], size))
                for shift in self.shifts(axis, first)
                for place in (shift[1], shift[1] + (size - 1 - first) // self.stride[axis])
            ]
            sides += _beyond(range(min(reached, default=0), max(reached, default=0) + 1), out)
        return Margins(*sides)

    def shifts(self, axis: int, first: int) -> list[Pair]:
        """Return what reaches the inputs `first`, `first` + stride and so on along an axis.

        Returns:
            Pairs: a position of the kernel, and the output through which it reaches the first of them.
        """
        stride, dilation, before = self.stride[axis], self.dilation[axis], self.before[axis]
        reaching = [(k, first + before - k * dilation) for k in range(self.kernel[axis])]
        return [(k, place // stride) for k, place in reaching if place % stride == 0]


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> Pair:
    """Return the zeros before, and the outputs, of TensorFlow's padding "same" along one axis."""
    out = -(-size // stride)
    return max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size) // 2, out


def valid_padding(size: int, kernel: int, stride: int, dilation: int) -> Pair:
    """Return no zeros, and the outputs of the padding "valid", along one axis."""
    return 0, (size - (kernel - 1) * dilation - 1) // stride + 1


def window_of(
    read: Shape, kernel: Pair, stride: Pair, dilation: Pair, padding: Literal["same", "valid"]
) -> tuple[Window, Pair]:
    """Return a convolution's window, and the rows and columns that it writes."""
    rule = same_padding if padding == "same" else valid_padding
    rows, columns = (rule(*sizes) for sizes in zip((read.rows, read.columns), kernel, stride, dilation, strict=True))
    return Window(kernel, stride, dilation, (rows[0], columns[0])), (rows[1], columns[1])


@dataclass(frozen=True)
class Runs:
    """Stretches of a map, and where each one begins in two maps.

    Attributes:
        places: int64 (n, 2), offsets in floats.
        length: floats of a stretch.
    """

    places: np.ndarray
    length: int


def runs(one: Map, other: Map, steps: tuple[Pair, Pair], firsts: tuple[Pair, Pair], counts: Pair) -> Runs:
    """Pair the positions of two maps: rows and columns from `firsts` on, by `steps`, `counts` of them.

    Neighbouring columns, and rows that follow each other without a gap in both maps, become one stretch.
    """
    by_row = [
        (first[0] + step[0] * np.arange(counts[0])) * a.row_pitch + first[1] * a.clips
        for a, step, first in zip((one, other), steps, firsts, strict=True)
    ]
    places = np.stack(by_row, axis=1)
    clips, sizes = one.clips, counts[1] * one.clips
    if any(step[1] != 1 for step in steps):
        columns = np.stack([step[1] * clips * np.arange(counts[1]) for step in steps], axis=1)
        return Runs((places[:, None] + columns).reshape(-1, 2).astype(np.int64), clips)
    if all(step[0] == 1 and a.row_pitch == sizes for a, step in zip((one, other), steps, strict=True)):
        return Runs(places[:1].astype(np.int64), sizes * counts[0])
    return Runs(places.astype(np.int64), sizes)


def _beyond(reach: range, size: int) -> Pair:
    return max(0, -reach.start), max(0, reach.stop - size)
