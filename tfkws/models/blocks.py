"""Blocks that families share. A layer is named by its place and role: `stage2_block1_expand_norm`.

Convolutions pad as TensorFlow's "same" unless a family says otherwise, and have no bias where a normalisation follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras

from tfkws.errors import ShapeTooSmallError
from tfkws.models.strided_pointwise import skipping_first

Tensor = Any  # a keras.KerasTensor; Keras has no types
Padding = Literal["same", "valid"]
Activation = Literal["relu", "relu6", "silu", "sigmoid"]

ACTIVATION_LAYERS: dict[str, Callable[[str], keras.Layer]] = {
    "relu": lambda name: keras.layers.ReLU(name=name),
    "relu6": lambda name: keras.layers.ReLU(max_value=6.0, name=name),
    "silu": lambda name: keras.layers.Activation("silu", name=name),
    "sigmoid": lambda name: keras.layers.Activation("sigmoid", name=name),
}


@dataclass(frozen=True)
class NormSettings:
    """Settings of a batch normalisation.

    Attributes:
        momentum: share 0..1 of the running statistics that one batch leaves as it was (Keras' sense).
        epsilon: added to the variance.
    """

    momentum: float = 0.9
    epsilon: float = 1e-5


def image_input(input_shape: tuple[int, int, int]) -> Tensor:
    """Start a network: float32 (b, h, w, c)."""
    return keras.Input(input_shape, name="input")


def classify(inputs: Tensor, x: Tensor, num_classes: int) -> keras.Model:
    """End a network on features of shape (b, n).

    The layers `logits` and `probabilities` both give (b, num_classes).
    """
    logits = keras.layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, keras.layers.Softmax(name="probabilities")(logits))


def conv(
    x: Tensor,
    name: str,
    filters: int,
    kernel: int | tuple[int, int],
    strides: int | tuple[int, int] = 1,
    padding: Padding = "same",
    use_bias: bool = False,
) -> Tensor:
    """Convolve (b, h, w, c) to (b, h', w', filters).

    Raises:
        ShapeTooSmallError: the padding is "valid" and the kernel is larger than the map.
    """
    require_fit(x, name, kernel, padding)
    layer = keras.layers.Conv2D(filters, kernel, strides, padding, use_bias=use_bias, name=name)
    return skipping_first(layer)(x)


def depthwise(
    x: Tensor,
    name: str,
    kernel: int | tuple[int, int],
    strides: int | tuple[int, int] = 1,
    padding: Padding = "same",
    use_bias: bool = False,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    """Convolve each channel by itself: (b, h, w, c) to (b, h', w', c).

    Raises:
        ShapeTooSmallError: the padding is "valid" and the kernel is larger than the map.
    """
    require_fit(x, name, kernel, padding)
    layer = keras.layers.DepthwiseConv2D(kernel, strides, padding, use_bias=use_bias, dilation_rate=dilation, name=name)
    return layer(x)


def norm(x: Tensor, name: str, settings: NormSettings = NormSettings()) -> Tensor:  # noqa: B008 (frozen)
    """Normalise each channel over batch, rows and columns; the shape stays."""
    return keras.layers.BatchNormalization(momentum=settings.momentum, epsilon=settings.epsilon, name=name)(x)


def activate(x: Tensor, name: str, activation: Activation) -> Tensor:
    """Apply an activation to every value; the shape stays, and the layer is called `<name>_<activation>`."""
    return ACTIVATION_LAYERS[activation](f"{name}_{activation}")(x)


def norm_activate(
    x: Tensor,
    name: str,
    activation: Activation | None,
    settings: NormSettings = NormSettings(),  # noqa: B008 (frozen)
) -> Tensor:
    """Follow the layer `name` by its normalisation `<name>_norm` and its activation; the shape stays."""
    x = norm(x, f"{name}_norm", settings)
    return x if activation is None else activate(x, name, activation)


def dropout(x: Tensor, name: str, rate: float) -> Tensor:
    """Set single values to zero while training, each with probability `rate`, 0..1."""
    return keras.layers.Dropout(rate, name=name)(x)


def add(name: str, *tensors: Tensor) -> Tensor:
    """Add tensors of equal shape, or of shapes that broadcast."""
    return keras.layers.Add(name=name)(list(tensors))


def global_average(x: Tensor, name: str, keepdims: bool = False) -> Tensor:
    """Average over rows and columns: shape (b, h, w, c) to (b, c), or (b, 1, 1, c) with `keepdims`."""
    return keras.layers.GlobalAveragePooling2D(keepdims=keepdims, name=name)(x)


def pool(x: Tensor, name: str, kind: Literal["max", "average"], size: int = 2) -> Tensor:
    """Pool without overlap, leaving out rows and columns that do not fill a window.

    Returns:
        A map of shape (b, h // size, w // size, c).

    Raises:
        ShapeTooSmallError: the window is larger than the map.
    """
    require_fit(x, name, size, "valid")
    layer = keras.layers.MaxPooling2D if kind == "max" else keras.layers.AveragePooling2D
    return layer(size, name=name)(x)


def rows_to_channels(x: Tensor) -> Tensor:
    """Rearrange (b, rows, frames, c) to shape (b, frames, 1, rows * c).

    A (k, 1) kernel is a temporal one there.
    """
    _, rows, frames, channels = x.shape
    x = keras.layers.Permute((2, 1, 3), name="input_time_first")(x)
    return keras.layers.Reshape((frames, 1, rows * channels), name="input_rows_to_channels")(x)


def require_fit(x: Tensor, name: str, kernel: int | tuple[int, int], padding: Padding) -> None:
    """Check that an unpadded window fits into the map.

    Raises:
        ShapeTooSmallError: it does not; the message names the layer.
    """
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    _, rows, columns, _ = x.shape
    if padding == "valid" and (rows < height or columns < width):
        raise ShapeTooSmallError(
            f"Layer {name} needs a map of at least {height}x{width} and receives {rows}x{columns}; "
            "use a larger input or a network with fewer strides."
        )
