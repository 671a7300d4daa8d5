"""How each class of Keras layers is counted: functions of the layer and the shapes of one call, without the batch.

Biases, activations, gates' elementwise products, softmax and scaling are no multiply-accumulates and not counted.
"""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs, rfft_macs
from tfkws.cost.report import Counted
from tfkws.graphs.layer_kinds import LOOKUP, find_kind
from tfkws.graphs.other_layers import CountedAs, counted_as

Shape = tuple[int, ...]
Rule = Callable[[Any, tuple[Shape, ...], Shape], Counted | int | None]


def count_layer(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted:
    """Count one call of a layer, or of a function of `keras.ops`; MACs are None where nothing is known of it.

    Args:
        inputs: shapes of all tensors that it reads; of a function of `keras.ops`, of its operands, constants too.
        output: shape of the (first) tensor that it writes.
    """
    found = counted_as(layer)
    rules = OPERATIONS if type(layer).__module__.startswith("keras.src.ops.") else RULES
    rule = rules.get(type(layer).__name__)
    if found.zero_reason:
        return Counted(found.layer_class, zero_reason=found.zero_reason)
    if rule is None or not _is_ours(layer):
        return _unknown(layer, found)
    counted = rule(layer, inputs, output)
    if isinstance(counted, Counted):
        return counted
    return _unknown(layer, found) if counted is None else Counted(found.layer_class, counted)


def _is_ours(layer: Any) -> bool:
    """Whether its class is one of Keras or of this package; one of the same name from elsewhere is another."""
    return type(layer).__module__.startswith("keras.src.") or find_kind(layer) is not None


def _unknown(layer: Any, found: CountedAs) -> Counted:
    return Counted(found.layer_class, None, note=f"no counting rule for {type(layer).__name__}: its MACs are unknown")


def _conv2d(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted:
    filters = layer.filters
    points = prod(output) // filters
    channels = layer.kernel.shape[-2] * layer.groups
    kernel = (prod(layer.kernel_size), 1)
    sizes = ((points, 1), kernel, channels, filters, layer.groups)
    return Counted("Conv2D", conv2d_macs(*sizes), conv2d_fpops_eq1(*sizes))


def _conv(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Every output value is a sum over the kernel and the channels of its group."""
    return prod(output) * prod(layer.kernel.shape[:-1])


def _depthwise(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted:
    channels = prod(layer.kernel.shape[-2:])
    sizes = ((prod(output) // channels, 1), (prod(layer.kernel_size), 1))
    eq1 = conv2d_fpops_eq1(*sizes, 1, channels)
    return Counted("DepthwiseConv2D", depthwise_conv2d_macs(*sizes, channels), eq1)


def _separable(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Depthwise where the output lies, then 1 x 1."""
    points = prod(output) // layer.filters
    return points * (prod(layer.depthwise_kernel.shape) + prod(layer.pointwise_kernel.shape))


def _transposed(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Every input value is spread over the kernel and the filters."""
    return prod(inputs[0]) * prod(layer.kernel_size) * layer.filters


def _dense(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    return dense_macs(inputs[0][-1], layer.units, prod(output[:-1]))


def _einsum_dense(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    return einsum_macs(layer.equation, (1, *inputs[0]), tuple(layer.kernel.shape))


def einsum_macs(equation: str, *shapes: Shape) -> int:
    """Count the MACs of an einsum of two tensors: one for each combination of its indices.

    Example:
        >>> einsum_macs("ab,bc->ac", (2, 3), (3, 5))
        30
        >>> einsum_macs("...x,xy->...y", (1, 7, 3), (3, 5))
        105
    """
    sizes: dict[str, int] = {}
    for labels, shape in zip(equation.split("->")[0].split(","), shapes, strict=True):
        before, dots, after = labels.strip().partition("...")
        width = len(shape) - len(before) - len(after)
        names = [*before, *(f"...{axis - width}" for axis in range(width if dots else 0)), *after]
        for name, size in zip(names, shape, strict=True):
            sizes[name] = max(size, sizes.get(name, 1))
    return prod(sizes.values())


def _dot(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    axes = layer.axes if isinstance(layer.axes, (tuple, list)) else (layer.axes, layer.axes)
    size = inputs[0][axes[0] - 1 if axes[0] > 0 else axes[0]]
    return prod(output) * size


def _attention(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Scores of every query with every key, then the weighted sum of the values; Bahdanau's scores are sums too."""
    query, value = inputs[0], inputs[1]
    return query[0] * value[0] * (query[-1] + value[-1])


def _heads(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Projections of query, key, value and output, scores of every head, and weighted sums."""
    query, value = inputs[0], inputs[1] if len(inputs) > 1 else inputs[0]
    queries, keys = prod(query[:-1]), prod(value[:-1])
    at = {"_query_dense": queries, "_key_dense": keys, "_value_dense": keys}
    projections = sum(rows * prod(getattr(layer, name).kernel.shape) for name, rows in at.items())
    behind = getattr(layer, "_output_dense", None)
    heads, depth, out = _head_sizes(layer)
    weights = prod(behind.kernel.shape) if behind is not None else 0
    return projections + queries * keys * heads * (depth + out) + queries * weights


def _head_sizes(layer: Any) -> tuple[int, int, int]:
    """Return the number of heads, and the depth of keys and of values in each."""
    if hasattr(layer, "num_query_heads"):
        return layer.num_query_heads, layer.head_dim, layer.head_dim
    return layer.num_heads, layer.key_dim, layer.value_dim


def _recurrent(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int | None:
    cell = layer.cell if hasattr(layer, "cell") else layer
    each = _cell(cell)
    return None if each is None else (inputs[0][0] if cell is not layer else 1) * each


def _cell(cell: Any) -> int | None:
    """Count one step: the input and the state, each by its matrix. None for a cell that Keras has not made."""
    if type(cell).__name__ == "StackedRNNCells":
        each = [_cell(one) for one in cell.cells]
        return None if None in each else sum(filter(None, each))
    if not type(cell).__module__.startswith("keras.src.layers."):
        return None
    return int(prod(cell.kernel.shape) + prod(cell.recurrent_kernel.shape))


def _conv_lstm(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Every step convolves the input and the state at every point of the state's map."""
    cell, sizes = layer.cell, output[1:] if layer.return_sequences else output
    points = prod(sizes) // cell.filters
    return inputs[0][0] * points * (prod(cell.kernel.shape) + prod(cell.recurrent_kernel.shape))


def _bidirectional(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int | None:
    each = tuple(layer.forward_layer.compute_output_shape((1, *inputs[0])))[1:]
    halves = [count_layer(half, inputs, each).macs for half in (layer.forward_layer, layer.backward_layer)]
    return None if None in halves else sum(filter(None, halves))


def _time_distributed(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted:
    """The layer inside, once a step."""
    inside = count_layer(layer.layer, tuple(shape[1:] for shape in inputs), output[1:])
    steps = output[0]
    macs = None if inside.macs is None else steps * inside.macs
    return replace(inside, macs=macs, fpops_eq1=steps * inside.fpops_eq1)


def _inside(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted:
    return count_layer(layer.layer, inputs, output)


def _stft(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Keras computes it as convolutions with cosines and sines, whose kernels are weights."""
    kernels = [kernel for kernel in (getattr(layer, "real_kernel", None), getattr(layer, "imag_kernel", None))]
    points = prod(output) // (2 if layer.mode == "stft" else 1)  # both parts stand side by side
    return points * sum(kernel.shape[0] for kernel in kernels if kernel is not None)


def _mel(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int | None:
    """A real Fourier transform a frame, then the filters, one for all frames."""
    points = layer.fft_length
    if points & (points - 1):
        return None
    frames = prod(output) // layer.num_mel_bins
    return rfft_macs(points, frames) + frames * (points // 2 + 1) * layer.num_mel_bins


def _reversible(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> Counted | int:
    """A lookup; reversed, a product with every row of the table."""
    is_reversed = len(output) == len(inputs[0])
    return prod(output) * layer.output_dim if is_reversed else Counted("Embedding", zero_reason=LOOKUP)


def _matmul(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Of `keras.ops`: sums over the last axis of the first operand."""
    return prod(output) * (inputs[0][-1] if inputs[0] else 1)


def _tensordot(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int | None:
    if not isinstance(layer.axes, int):
        return None
    return prod(output) * prod(inputs[0][len(inputs[0]) - layer.axes :])


def _einsum(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int | None:
    return einsum_macs(layer.subscripts, *inputs) if len(inputs) == 2 else None


RULES: dict[str, Rule] = {
    "Conv1D": _conv2d,
    "Conv2D": _conv2d,
    "Conv3D": _conv,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "StridedRowsDepthwiseConv2D": _depthwise,
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Conv1DTranspose": _transposed,
    "Conv2DTranspose": _transposed,
    "Conv3DTranspose": _transposed,
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    "Dot": _dot,
    "Attention": _attention,
    "AdditiveAttention": _attention,
    "MultiHeadAttention": _heads,
    "GroupedQueryAttention": _heads,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "RNN": _recurrent,
    "LSTMCell": _recurrent,
    "GRUCell": _recurrent,
    "SimpleRNNCell": _recurrent,
    "StackedRNNCells": _recurrent,
    "ConvLSTM1D": _conv_lstm,
    "ConvLSTM2D": _conv_lstm,
    "ConvLSTM3D": _conv_lstm,
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
    "SpectralNormalization": _inside,
    "STFTSpectrogram": _stft,
    "MelSpectrogram": _mel,
    "ReversibleEmbedding": _reversible,
}
OPERATIONS: dict[str, Rule] = {  # functions of `keras.ops`, some of which bear the name of a layer
    "Matmul": _matmul,
    "Dot": _matmul,
    "Inner": _matmul,
    "Vdot": _matmul,
    "Tensordot": _tensordot,
    "Einsum": _einsum,
}
