"""The time axis of every value of a window's network on a stream, and what each layer must keep for it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from tfkws.errors import StreamingError
from tfkws.graphs.keras import KerasGraph, KerasNode
from tfkws.streaming.positions import Kernel, TimeAxis, kept_by, latest, pad, same_padding, slide

ROWS = 0  # axis of rows in a map (rows, frames, c)


@dataclass(frozen=True)
class Need:
    """What a layer needs of an input in a step.

    Attributes:
        keep: earlier indices before the new ones; below zero, new ones that it leaves out.
        later: newest indices that it does not use yet.
    """

    keep: int = 0
    later: int = 0


@dataclass(frozen=True)
class LayerInTime:
    """One layer: the time axes of its inputs and of its output, None where no time is left, and its needs by input."""

    node: KerasNode
    before: tuple[TimeAxis | None, ...]
    after: TimeAxis | None
    needs: tuple[Need, ...]
    pads: bool = False

    @property
    def ends_time(self) -> bool:
        """Whether it makes one value of the whole window."""
        return self.after is None and self.before[0] is not None


def layers_in_time(graph: KerasGraph, source: TimeAxis) -> tuple[LayerInTime, ...]:
    """Follow time through a network.

    Args:
        source: the time axis of its input; a delay shifts which frames come together in one step.

    Raises:
        StreamingError: a layer cannot run on a stream; the message names it and says why.
        UnsupportedLayerError: a layer's class is unknown.
    """
    axes: dict[int, TimeAxis | None] = {graph.inputs[0]: source}
    layers = []
    for node in graph.nodes:
        layer = _layer(node, tuple(axes[tensor] for tensor in node.inputs))
        axes[node.output] = layer.after
        layers.append(layer)
    if axes[graph.outputs[0]] is not None:
        raise StreamingError(
            f"The network cannot run on a stream: its last layer, {graph.nodes[-1].layer.name}, gives a value for "
            "every frame and not one for the window; end it with a pooling over the whole map."
        )
    return tuple(layers)


def refuse(node: KerasNode, reason: str) -> StreamingError:
    """Return the error that says which layer cannot run on a stream, and why."""
    return StreamingError(
        f"The network cannot run on a stream: layer {node.layer.name} ({type(node.layer).__name__}) {reason}; "
        "convert it without --streaming."
    )


def _layer(node: KerasNode, before: tuple[TimeAxis | None, ...]) -> LayerInTime:
    """Place one layer behind its inputs; where none of them has time left it runs as it is."""
    known = [axis for axis in before if axis is not None]
    if not known:
        return LayerInTime(node, before, None, (Need(),) * len(before))
    if len(known) < len(before):
        raise refuse(node, "merges a value of the whole window into every frame, which changes with the window")
    if known[0].axis > 1 and node.kind.along_time in ("sliding", "padding", "whole window"):
        raise refuse(node, "takes time as channels")
    return _RULES[node.kind.along_time](node, known)


def _placed(node: KerasNode, before: list[TimeAxis], after: TimeAxis | None, *needs: Need) -> LayerInTime:
    return LayerInTime(node, tuple(before), after, needs or (Need(),) * len(before))


def _pointwise(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    if before[0].axis == len(node.output_shape) - 1:
        raise refuse(node, "computes along its last axis, which is time here")
    return _placed(node, before, before[0])


def _on_rows(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    if before[0].axis == ROWS:
        raise refuse(node, "works on rows, and the first axis is time here")
    return _placed(node, before, before[0])


def _sliding(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    kernel = kernel_along(node, before[0].axis)
    if node.kind.layer_class == "Pooling" and kernel_along(node, 1 - before[0].axis).pads:
        raise refuse(node, "pools rows with padding")
    after = slide(before[0], kernel, node.output_shape[before[0].axis])
    need = Need(kept_by(before[0], kernel, after))
    return LayerInTime(node, tuple(before), after, (need,), kernel.pads)


def kernel_along(node: KerasNode, axis: int) -> Kernel:
    """Return the kernel of a convolution or pooling along one axis of its map, padded as in the window."""
    layer: Any = node.layer
    size = (layer.pool_size if node.kind.layer_class == "Pooling" else layer.kernel_size)[axis]
    kernel = Kernel(size, layer.strides[axis], getattr(layer, "dilation_rate", (1, 1))[axis])
    if layer.padding != "same":
        return kernel
    return same_padding(node.input_shapes[0][axis], node.output_shape[axis], kernel)


def _padding(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    axis = before[0].axis
    zeros = node.layer.padding[axis]
    after = pad(before[0], zeros[0], node.output_shape[axis])
    return LayerInTime(node, tuple(before), after, (Need(),), any(zeros))


def _whole_window(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    return _placed(node, before, None, Need(keep=before[0].length))


def _merged(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    if len({(axis.axis, axis.stride, axis.length) for axis in before}) > 1:
        raise refuse(node, "merges maps of different steps in time")
    if getattr(node.layer, "axis", -1) in (before[0].axis + 1, before[0].axis - len(node.output_shape)):
        raise refuse(node, "joins maps along time")
    after = latest(before)
    gaps = [after.delay - axis.delay for axis in before]
    return _placed(node, before, after, *(Need(keep=gap, later=gap) for gap in gaps))


def _rearranged(node: KerasNode, before: list[TimeAxis]) -> LayerInTime:
    axis = before[0]
    place = _permuted(node, axis.axis) if type(node.layer).__name__ == "Permute" else _reshaped(node, axis.axis)
    return _placed(node, before, TimeAxis(place, axis.stride, axis.length, axis.delay, axis.back))


def _permuted(node: KerasNode, axis: int) -> int:
    return int(node.layer.dims.index(axis + 1))


def _reshaped(node: KerasNode, axis: int) -> int:
    """Find time in the new shape: an axis of its length with as many values before and behind it."""
    before, after = node.input_shapes[0], node.output_shape
    for place, size in enumerate(after):
        if size == before[axis] and prod(after[:place]) == prod(before[:axis]):
            return place
    raise refuse(node, "mixes time with another axis")


_RULES: dict[str, Callable[[KerasNode, list[TimeAxis]], LayerInTime]] = {
    "pointwise": _pointwise,
    "on rows": _on_rows,
    "sliding": _sliding,
    "padding": _padding,
    "whole window": _whole_window,
    "flattened": _whole_window,
    "merged": _merged,
    "rearranged": _rearranged,
}
