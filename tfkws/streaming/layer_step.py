"""What one layer computes in a step of a stream, in Keras operations: a part before its memory and one behind it."""

from typing import Any

from keras import ops

from tfkws.graphs.keras import KerasNode
from tfkws.streaming.delays import kernel_along
from tfkws.streaming.plan import Memory, PlannedLayer, Shape

Tensor = Any  # of the backend; Keras has no types


def kept_shape(layer: PlannedLayer, position: int) -> Shape:
    """Return the shape, without the batch, of what a layer keeps of one of its inputs."""
    memory = layer.memories[position]
    sizes = list(layer.node.input_shapes[position])
    if memory is not None:
        sizes[memory.axis] = memory.keep
        if layer.along_time == "sliding":
            sizes[1 - memory.axis] += sum(other_zeros(layer.node, 1 - memory.axis))
        elif layer.along_time == "whole window":
            sizes[1 - memory.axis] = 1
    return tuple(sizes)


def before_memory(layer: PlannedLayer, axis: int, value: Tensor) -> Tensor:
    """Compute what needs new frames alone: zeros around rows, or the pooling of rows.

    Args:
        axis: of time, without the batch.
        value: (b, ...), of the new indices.
    """
    if layer.along_time == "sliding":
        zeros = other_zeros(layer.node, 1 - axis)
        return _padded(value, 1 - axis, zeros) if any(zeros) else value
    if layer.along_time == "whole window":
        return _pooled(layer.node)(value, axis=2 - axis, keepdims=True)
    return value


def remembered(value: Tensor, memory: Memory, kept: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Put what was kept before the new indices.

    Returns:
        What the layer reads, and what is kept for the next step; None where nothing is.
    """
    joined = value if kept is None else ops.concatenate([kept, value], axis=memory.axis + 1)
    size = joined.shape[memory.axis + 1]
    read = _part(joined, memory.axis + 1, max(0, -memory.keep), size - memory.later)
    return read, None if kept is None else _part(joined, memory.axis + 1, size - memory.keep, size)


def after_memory(layer: PlannedLayer, axis: int, values: list[Tensor]) -> Tensor:
    """Compute the layer's output of a step from what it reads."""
    node, value = layer.node, values[0]
    if layer.along_time == "sliding":
        return _slid(node, value)
    if layer.along_time == "whole window":
        return ops.reshape(_pooled(node)(value, axis=axis + 1, keepdims=True), (-1, *layer.output_shape))
    if layer.along_time == "padding":
        return _padded(value, 1 - axis, node.layer.padding[1 - axis])
    if layer.along_time == "rearranged" and type(node.layer).__name__ == "Reshape":
        return ops.reshape(value, (-1, *layer.output_shape))
    return called(node, values)


def called(node: KerasNode, values: list[Tensor]) -> Tensor:
    """Call a layer as the window's network does."""
    return node.layer(values if len(values) > 1 else values[0], training=False)


def other_zeros(node: KerasNode, axis: int) -> tuple[int, int]:
    """Return the zeros before and behind the axis of a map that is not time."""
    kernel = kernel_along(node, axis)
    size, count = node.input_shapes[0][axis], node.output_shape[axis]
    behind = max(0, (count - 1) * kernel.stride + kernel.reach + 1 - size - kernel.padded)
    return (kernel.padded, behind) if kernel.pads else (0, 0)


def _slid(node: KerasNode, value: Tensor) -> Tensor:
    layer: Any = node.layer
    if node.kind.layer_class == "Pooling":
        pool = ops.max_pool if node.kind.category == "MaxPool" else ops.average_pool
        return pool(value, layer.pool_size, layer.strides, "valid")
    convolve = ops.depthwise_conv if node.kind.is_depthwise else ops.conv
    value = convolve(value, layer.kernel, layer.strides, "valid", dilation_rate=layer.dilation_rate)
    return layer.activation(value if layer.bias is None else value + layer.bias)


def _pooled(node: KerasNode) -> Any:
    return ops.max if node.kind.category == "MaxPool" else ops.mean


def _padded(value: Tensor, axis: int, zeros: tuple[int, int]) -> Tensor:
    return ops.pad(value, [zeros if place == axis + 1 else (0, 0) for place in range(len(value.shape))])


def _part(value: Tensor, axis: int, first: int, last: int) -> Tensor:
    """Indices `first` to `last` - 1 along an axis; the value itself where that is all of them."""
    if (first, last) == (0, value.shape[axis]):
        return value
    return value[(*[slice(None)] * axis, slice(first, last))]
