"""A strided 1 x 1 convolution, computed as every second row and column and a 1 x 1 convolution of stride 1 on them.

Both are exactly the same sum. TensorFlow's oneDNN kernels compute the weight gradient of the first wrongly, or crash,
where it reads fewer than 16 channels (8 with AVX2 kernels), depending on map, batch and threads: uxlfoundation/oneDNN,
issue 6035. They compute the second rightly.

The layer stays Keras' own Conv2D, of the same name, settings and weights: files, counts and whatever looks at its class
see what they always saw, and a saved model loads without this package. Converters are given the one strided operator.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

_one_operator: ContextVar[bool] = ContextVar("one_operator", default=False)


def is_strided_pointwise(layer: Any) -> bool:
    """Return whether a layer is Keras' Conv2D with a 1 x 1 kernel that skips rows or columns of a channels-last map."""
    return (
        type(layer) is keras.layers.Conv2D
        and tuple(layer.kernel_size) == (1, 1)
        and max(layer.strides) > 1
        and layer.data_format == "channels_last"
    )


def skipping_first(layer: Any) -> Any:
    """Let a strided 1 x 1 convolution skip rows and columns before it convolves; any other layer stays as it is.

    Returns:
        The same layer. A copy that Keras makes from its settings computes as Keras does; give it to this function too.
    """
    if is_strided_pointwise(layer):
        rows, columns = layer.strides
        layer.convolution_op = _skip_then_convolve(rows, columns, layer.padding)
    return layer


def skipping_first_everywhere(network: Any) -> Any:
    """Apply `skipping_first` to all layers of a network, nested ones too; return the same network."""
    for layer in network._flatten_layers():
        skipping_first(layer)
    return network


@contextmanager
def as_one_operator() -> Iterator[None]:
    """Compute strided 1 x 1 convolutions as one operator in this context, for what reads the graph and learns nothing.

    A converted network then has a strided CONV_2D, as it always had, and not a STRIDED_SLICE before a CONV_2D.
    """
    token = _one_operator.set(True)
    try:
        yield
    finally:
        _one_operator.reset(token)


def _skip_then_convolve(rows: int, columns: int, padding: str) -> Callable[[Any, Any], Any]:
    """Return what replaces `Conv2D.convolution_op`: a function of inputs (b, h, w, c) and kernel (1, 1, c, filters)."""

    def skip_then_convolve(inputs: Any, kernel: Any) -> Any:
        if _one_operator.get():
            return ops.conv(inputs, kernel, strides=(rows, columns), padding=padding)
        return ops.conv(inputs[:, ::rows, ::columns], kernel, strides=1, padding=padding)

    return skip_then_convolve
