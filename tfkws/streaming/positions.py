"""Where the values of a network stand in time while frames arrive: strides, delays, and how much must be kept.

Indices count the values of one map along time, as the trained window has them, on and on: index 0 belongs to the first
window. In step t (from 0) of a stream with `new` indices a step, a map has its indices below (t + 1) * new - delay.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TimeAxis:
    """Where time stands in a map.

    Attributes:
        axis: of the map's shape without the batch.
        stride: frames of the network's input from one index to the next.
        length: indices in the trained window.
        delay: how many indices the map lags behind the stream; below zero where padding moves it ahead.
        back: how many frames before its own frame an index depends on.
    """

    axis: int
    stride: int
    length: int
    delay: int
    back: int = 0


@dataclass(frozen=True)
class Kernel:
    """A kernel along time, in indices of the map that it reads.

    Attributes:
        padded: indices of zeros before the window's first one.
        pads: whether there are zeros on either side.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    padded: int = 0
    pads: bool = False

    @property
    def reach(self) -> int:
        """Distance from the first index that it reads at one place to the last."""
        return (self.size - 1) * self.dilation


def same_padding(length: int, count: int, kernel: Kernel) -> Kernel:
    """Return the kernel with the zeros that "same" puts around `length` indices to get `count`; an odd one goes behind.

    Example:
        >>> same_padding(98, 49, Kernel(size=9, stride=2)).padded
        3
    """
    zeros = max(0, (count - 1) * kernel.stride + kernel.reach + 1 - length)
    return replace(kernel, padded=zeros // 2, pads=zeros > 0)


def slide(before: TimeAxis, kernel: Kernel, length: int) -> TimeAxis:
    """Return the time axis behind a kernel that gives `length` indices a window.

    Output i reads the inputs from i * stride - padded up to that plus `reach`, so the last output of a step is the
    largest i whose last input is there; its delay is ceil((delay + reach - padded + 1) / stride) - 1.

    Example:
        >>> slide(TimeAxis(0, 1, 98, delay=0), Kernel(size=9, padded=4), 98).delay
        4
    """
    missing = before.delay + kernel.reach - kernel.padded + 1
    return TimeAxis(
        axis=before.axis,
        stride=before.stride * kernel.stride,
        length=length,
        delay=-(-missing // kernel.stride) - 1,
        back=before.back + kernel.padded * before.stride,
    )


def kept_by(before: TimeAxis, kernel: Kernel, after: TimeAxis) -> int:
    """Return how many earlier indices a kernel needs beside the new ones; below zero, how many new ones it leaves out.

    Example:
        >>> causal, before = Kernel(size=9, dilation=2, padded=16), TimeAxis(0, 1, 98, delay=0)
        >>> kept_by(before, causal, slide(before, causal, 98))
        16
    """
    return after.delay * kernel.stride + kernel.padded - before.delay


def pad(before: TimeAxis, zeros: int, length: int) -> TimeAxis:
    """Return the time axis behind a layer that puts `zeros` before the window; a stream only counts differently."""
    return replace(before, length=length, delay=before.delay - zeros, back=before.back + zeros * before.stride)


def latest(axes: list[TimeAxis]) -> TimeAxis:
    """Return the time axis of maps that are merged index by index: as late as the latest.

    Example:
        >>> latest([TimeAxis(0, 2, 49, delay=1, back=8), TimeAxis(0, 2, 49, delay=5)])
        TimeAxis(axis=0, stride=2, length=49, delay=5, back=8)
    """
    return replace(axes[0], delay=max(axis.delay for axis in axes), back=max(axis.back for axis in axes))
