"""A step by Keras' own `train_on_batch`, or by the loop that a user of TensorFlow writes, on any backend and layout."""

from typing import Any

import keras
import numpy as np

from benchmarks.speed.steps import recipe
from benchmarks.speed.steps.description import Layer


def prepare(
    layers: list[Layer],
    shape: list[int],
    classes: int,
    batch: int,
    data_format: str = "channels_last",
    jit: bool = False,
    tape: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """Build the network, and return its step, and facts.

    Args:
        data_format: of the maps, "channels_last" or "channels_first".
        jit: compiles the step.
        tape: writes the loop by hand (TensorFlow).
    """
    keras.backend.clear_session()
    first = data_format == "channels_first"
    network = build(layers, shape, data_format)
    optimizer = keras.optimizers.AdamW(
        recipe.RATE, weight_decay=recipe.WEIGHT_DECAY, use_ema=True, ema_momentum=recipe.AVERAGE_DECAY
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.LABEL_SMOOTHING)
    weights = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    if tape:
        run = _tape(network, optimizer, loss, jit)
    else:
        network.compile(optimizer=optimizer, loss=loss, jit_compile=jit)
        run = network.train_on_batch

    def step(maps: np.ndarray, labels: np.ndarray) -> float:
        maps = np.ascontiguousarray(maps.transpose(0, 3, 1, 2)) if first else maps
        return float(run(maps, recipe.one_hot(labels, classes)))

    return recipe.on_batches(step, shape, classes, batch), {"weights": weights, **runtime()}


def runtime() -> dict[str, Any]:
    """Return versions of Keras and its backend, and the threads of the latter."""
    import os

    backend = keras.backend.backend()
    found: dict[str, Any] = {"keras": keras.__version__, "threads": len(os.sched_getaffinity(0))}
    if backend == "torch":
        import torch

        return found | {"version": torch.__version__, "threads": torch.get_num_threads()}
    if backend == "jax":
        import jax

        return found | {"version": jax.__version__}
    import tensorflow as tf

    return found | {"version": tf.__version__}


def _tape(network: Any, optimizer: Any, loss: Any, jit: bool) -> Any:
    import tensorflow as tf

    optimizer.build(network.trainable_variables)

    def update(maps: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(targets, network(maps, training=True))
        gradients = tape.gradient(value, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
        return value

    traced = tf.function(update, jit_compile=jit)
    return lambda maps, targets: traced(tf.constant(maps), tf.constant(targets))


def build(layers: list[Layer], shape: list[int], data_format: str) -> Any:
    """Return the network up to its logits, for maps of `shape` (rows, frames, channels)."""
    first = data_format == "channels_first"
    inputs = keras.Input((shape[2], *shape[:2]) if first else tuple(shape))
    x = {0: inputs}
    for layer in layers:
        x[layer["output"]] = _call(layer, [x[number] for number in layer["inputs"]], data_format)
    return keras.Model(inputs, x[layers[-1]["output"]])


def _call(layer: Layer, inputs: list[Any], data_format: str) -> Any:
    made = keras.layers
    kind, x, shared = layer["kind"], inputs[0], {"data_format": data_format}
    first = data_format == "channels_first"
    axis = 1 if first else -1
    if kind in ("conv", "depthwise"):
        settings = shared | {"padding": layer["padding"], "use_bias": layer["bias"], "dilation_rate": layer["dilation"]}
        if kind == "depthwise":
            return made.DepthwiseConv2D(layer["kernel"], layer["strides"], **settings)(x)
        return made.Conv2D(layer["filters"], layer["kernel"], layer["strides"], **settings)(x)
    if kind == "norm":
        return made.BatchNormalization(axis, layer["momentum"], layer["epsilon"])(x)
    if kind == "dense":
        return made.Dense(layer["units"])(x)
    if kind == "dropout":
        return made.Dropout(layer["rate"])(x)
    if kind == "map_dropout":
        return made.SpatialDropout2D(layer["rate"], **shared)(x)
    if kind == "mean":
        return made.GlobalAveragePooling2D(**shared)(x)
    if kind == "mean_rows":
        return made.AveragePooling2D((x.shape[2 if first else 1], 1), **shared)(x)
    if kind == "pad_frames":
        return made.ZeroPadding2D(((0, 0), (layer["width"],) * 2), **shared)(x)
    if kind == "rows_to_channels":
        return made.Permute((2, 3, 1))(x)  # in either layout
    if kind == "add":
        return made.Add()(inputs)
    if kind in ("relu", "silu"):
        return made.Activation(kind)(x)
    return _own(layer, x, first)


def _own(layer: Layer, x: Any, first: bool) -> Any:
    """Our own two layers, which know maps with channels last alone; other layouts are turned around them."""
    from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
    from tfkws.models.sub_spectral_norm import SubSpectralNormalization

    own = (
        StridedRowsDepthwiseConv2D()
        if layer["kind"] == "strided_rows"
        else SubSpectralNormalization(len(layer["bands"]), layer["momentum"], layer["epsilon"])
    )
    if not first:
        return own(x)
    return keras.layers.Permute((3, 1, 2))(own(keras.layers.Permute((2, 3, 1))(x)))
