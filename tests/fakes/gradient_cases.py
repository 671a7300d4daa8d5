"""Gradients of narrow networks in single precision against double precision, in a process of its own.

    python gradient_cases.py '[["tc_resnet8", {"width": 0.25}, 25], ...]'

prints one line of JSON a case: the case, and its largest error relative to the largest gradient of a variable. oneDNN's
kernels are single-precision only, so that the truth never comes from them. Rectifiers become smooth, or values next to
zero would fall on either side of it.
"""

# ruff: noqa: E402
import json
import sys
from typing import Any

from tfkws import lean_imports

lean_imports.install()  # before Keras is imported

import keras  # noqa: TID253
import numpy as np
import tensorflow as tf  # noqa: TID253
from small_networks import small_network

from tfkws.models import build_model
from tfkws.models.layer_sizes import with_sizes
from tfkws.models.registry import entries
from tfkws.models.strided_pointwise import skipping_first

NARROW = 6  # channels, fewer than a block of oneDNN's with AVX-512 or AVX2
CLASSES = 4
FLOOR = 0.03  # of the largest gradient of all: smaller ones are rounding, as of a scale before a normalisation


def narrow_network(name: str, variant: dict[str, Any]) -> Any:
    """Build a network of the zoo with these parameters; without any, the small one of a family, `NARROW` throughout."""
    if variant:
        return build_model(name, entries()[name].family.input_shape, CLASSES, **variant)
    network = small_network(name)
    narrowed = [layer for layer in network.layers if type(layer) is keras.layers.Conv2D or "_restore" in layer.name]
    return with_sizes(network, {layer.name: NARROW for layer in narrowed if layer.weights})


def smooth(network: Any, dtype: str) -> Any:
    """Copy a network with smooth activations, without dropout, in a precision."""

    def copied(layer: Any) -> Any:
        config = layer.get_config() | {"dtype": dtype}
        if isinstance(layer, keras.layers.ReLU):
            return keras.layers.Activation("silu", name=layer.name, dtype=dtype)
        if isinstance(layer, keras.layers.MaxPooling2D):
            return keras.layers.AveragePooling2D.from_config(config)
        if isinstance(layer, keras.layers.Dropout):
            return keras.layers.Activation("linear", name=layer.name, dtype=dtype)
        return skipping_first(type(layer).from_config(config))

    copy = keras.models.clone_model(network, clone_function=copied)
    copy.set_weights(network.get_weights())
    return copy


def gradients(network: Any, maps: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Return the gradient of the loss by each variable, as float64."""
    with tf.GradientTape() as tape:
        answers = network(maps.astype(network.inputs[0].dtype), training=True)
        loss = -tf.reduce_mean(tf.math.log(tf.gather(answers, labels, batch_dims=1)))
    found = tape.gradient(loss, network.trainable_variables)
    return [np.asarray(gradient, np.float64) for gradient in found]


def worst_error(name: str, variant: dict[str, Any], batch: int) -> float:
    """Return the largest relative error of one case."""
    network = narrow_network(name, variant)
    rng = np.random.default_rng(0)
    maps, labels = rng.normal(size=(batch, *network.input_shape[1:])), np.arange(batch) % CLASSES
    single, double = (gradients(smooth(network, dtype), maps, labels) for dtype in ("float32", "float64"))
    largest = max(np.abs(truth).max() for truth in double)
    errors = [
        np.abs(ours - truth).max() / max(np.abs(truth).max(), FLOOR * largest)
        for ours, truth in zip(single, double, strict=True)
    ]
    return float(max(errors))


if __name__ == "__main__":
    keras.utils.set_random_seed(1)
    for case in json.loads(sys.argv[1]):
        print(json.dumps({"case": case, "error": worst_error(*case)}), flush=True)
