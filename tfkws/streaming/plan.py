"""How a window's network runs on a stream: for every layer what it keeps between steps, and how far it lags.

A stream knows no edges: where the window's network pads with zeros along time, the stream has real neighbours. A
network without such padding gives the window's own answers; of others `StreamPlan.padded_layers` names the layers.
"""

from dataclasses import dataclass

from tfkws.errors import StreamingError
from tfkws.graphs.keras import KerasGraph, KerasNode
from tfkws.graphs.layer_kinds import AlongTime
from tfkws.streaming.delays import LayerInTime, Need, layers_in_time, refuse
from tfkws.streaming.positions import TimeAxis

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Memory:
    """What a layer keeps of one input between steps.

    Attributes:
        axis: of time, in the input's shape without the batch.
        keep: earlier indices that it needs before the new ones; below zero, new ones that it leaves out.
        later: newest indices that it does not use yet.
    """

    axis: int
    keep: int
    later: int


@dataclass(frozen=True)
class PlannedLayer:
    """One layer in a step.

    Attributes:
        time_axis: of what it reads, in the shape without the batch; None where no time is left.
        memories: by input; None where it needs the new indices alone.
        output_shape: of one step, without the batch.
    """

    node: KerasNode
    time_axis: int | None
    memories: tuple[Memory | None, ...]
    output_shape: Shape

    @property
    def along_time(self) -> AlongTime:
        """How the layer reads frames, as `tfkws.graphs.layer_kinds` says."""
        return self.node.kind.along_time


@dataclass(frozen=True)
class StreamPlan:
    """A network on a stream.

    Attributes:
        input_shape: of the frames of one step, without the batch.
        time_axis: of the input, in that shape.
        window_frames: length of the trained window.
        frames_per_step: new frames that a step takes.
        delay_frames: the answer of a step is that of the window which ended so many frames before the newest one.
        settling_frames: frames after a start until an answer depends on real ones alone.
        padded_layers: layers at which the window's network sees zeros beyond its edges and the stream real neighbours.
    """

    layers: tuple[PlannedLayer, ...]
    input: int
    output: int
    input_shape: Shape
    time_axis: int
    window_frames: int
    frames_per_step: int
    delay_frames: int
    settling_frames: int
    padded_layers: tuple[str, ...]

    @property
    def equals_window(self) -> bool:
        """Whether its answers are those of the window's network on the same frames."""
        return not self.padded_layers


def plan_stream(graph: KerasGraph, time_axis: int, answers_per_step: int = 1) -> StreamPlan:
    """Plan a network on a stream, with the least delay.

    Args:
        graph: with one input (rows, frames, c) or (frames, rows, c) and one output without time.
        time_axis: of the input's shape without the batch.
        answers_per_step: how many strides of the network a step takes at once; it gives one answer for them.

    Raises:
        StreamingError: the network cannot run on a stream; the message names the layer and why.
    """
    shape = graph.nodes[0].input_shapes[0]
    length = shape[time_axis]
    stride = _stride(layers_in_time(graph, TimeAxis(time_axis, 1, length, 0)))
    ways = [layers_in_time(graph, TimeAxis(time_axis, 1, length, phase)) for phase in range(stride)]
    delays = [_delay(way) - length - phase for phase, way in enumerate(ways)]
    delay = min(delays)
    if delay < 0:
        raise StreamingError(
            f"The network cannot run on a stream: it takes {stride} frames at a time and leaves the last {-delay} of "
            f"its window of {length} unread; give it a window of {length + delay} or {length + delay + stride} frames."
        )
    layers = ways[delays.index(delay)]
    frames = stride * answers_per_step
    if frames >= length:
        raise StreamingError(
            f"The network cannot run on a stream: a step of {frames} frames is as long as its window of {length}, so "
            "there is nothing to keep; convert it without --streaming."
        )
    return StreamPlan(
        layers=tuple(_planned(layer, frames) for layer in layers),
        input=graph.inputs[0],
        output=graph.outputs[0],
        input_shape=_with(shape, time_axis, frames),
        time_axis=time_axis,
        window_frames=length,
        frames_per_step=frames,
        delay_frames=delay,
        settling_frames=length + delay + max(axis.back for axis in _ends(layers)),
        padded_layers=tuple(layer.node.layer.name for layer in layers if layer.pads),
    )


def _ends(layers: tuple[LayerInTime, ...]) -> list[TimeAxis]:
    return [layer.before[0] for layer in layers if layer.ends_time and layer.before[0] is not None]


def _stride(layers: tuple[LayerInTime, ...]) -> int:
    """Frames from one answer to the next: the product of all strides along time."""
    return max(axis.stride for axis in _ends(layers))


def _delay(layers: tuple[LayerInTime, ...]) -> int:
    """Frames from the begin of the window that is answered to the newest one."""
    lags = {axis.stride * (axis.delay + axis.length) for axis in _ends(layers)}
    if len(lags) > 1:
        last = [layer for layer in layers if layer.ends_time][-1]
        raise refuse(last.node, "would answer for another window than the poolings before it")
    return lags.pop()


def _planned(layer: LayerInTime, frames: int) -> PlannedLayer:
    node, before, after = layer.node, layer.before, layer.after
    shape = node.output_shape if after is None else _with(node.output_shape, after.axis, frames // after.stride)
    memories = tuple(
        _memory(axis, need, frames, layer.ends_time) for axis, need in zip(before, layer.needs, strict=True)
    )
    return PlannedLayer(node, before[0].axis if before[0] else None, memories, shape)


def _memory(axis: TimeAxis | None, need: Need, frames: int, ends_time: bool) -> Memory | None:
    """What is kept of an input; the window of a layer that needs all of it holds the new indices too."""
    if axis is None or need == Need():
        return None
    return Memory(axis.axis, need.keep - frames // axis.stride if ends_time else need.keep, need.later)


def _with(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])
