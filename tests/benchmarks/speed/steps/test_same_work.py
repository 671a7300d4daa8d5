"""Every framework's network gives Keras' own logits while training, from the same description and weights."""

from typing import Any

import keras
import numpy as np
import pytest

from benchmarks.speed.steps.by_keras import build
from benchmarks.speed.steps.description import Layer, describe
from benchmarks.speed.steps.networks import INPUT_SHAPE, NETWORKS

MAPS = np.random.default_rng(0).normal(size=(4, *INPUT_SHAPE)).astype(np.float32)
CASES = [pytest.param(name, marks=pytest.mark.slow) for name in ("MatchboxNet-narrow", "BC-ResNet-1", "DS-CNN")]


def prepared(name: str) -> tuple[list[Layer], keras.Model, np.ndarray]:
    """Return layers without dropout, the Keras network of them, and its logits while training."""
    layers = describe(next(network for network in NETWORKS if network.name == name).build())
    layers = [layer | {"rate": 0.0} if "rate" in layer else layer for layer in layers]
    model = build(layers, list(INPUT_SHAPE), "channels_last")
    return layers, model, np.asarray(keras.ops.convert_to_numpy(model(MAPS, training=True)))


def weighted(layers: list[Layer], model: keras.Model) -> list[tuple[Layer, list[np.ndarray]]]:
    """Return each described layer that has weights with Keras' weights of it."""
    kinds = ("conv", "depthwise", "strided_rows", "norm", "band_norm", "dense")
    described = [layer for layer in layers if layer["kind"] in kinds]
    own = [layer for layer in model.layers if layer.weights]
    return [
        (layer, [keras.ops.convert_to_numpy(weight) for weight in each.weights])
        for layer, each in zip(described, own, strict=True)
    ]


@pytest.mark.parametrize("name", CASES)
def test_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    from benchmarks.speed.steps import by_jax

    layers, model, expected = prepared(name)
    weights, statistics = by_jax._initial(layers, list(INPUT_SHAPE), jax.random.key(0))
    for layer, values in weighted(layers, model):
        depthwise = layer["kind"] in ("depthwise", "strided_rows")  # Keras: (h, w, c, 1), JAX: (h, w, 1, c)
        first = values[0].swapaxes(2, 3) if depthwise else values[0]
        for key, value in zip(weights[layer["name"]], [first, *values[1:]], strict=False):
            assert weights[layer["name"]][key].shape == value.shape
            weights[layer["name"]][key] = value
    found, _ = by_jax._forward(layers, weights, statistics, MAPS, jax.random.key(0))
    assert np.asarray(found) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("name", CASES)
def test_torch(name: str) -> None:
    torch: Any = pytest.importorskip("torch")
    from benchmarks.speed.steps.by_torch import Network

    layers, model, expected = prepared(name)
    network = Network(layers, list(INPUT_SHAPE)).train()
    parts = dict(zip((layer["name"] for layer in layers), network.parts, strict=True))
    with torch.no_grad():
        for layer, values in weighted(layers, model):
            trainable = values[: len(list(parts[layer["name"]].parameters()))]
            for parameter, value in zip(parts[layer["name"]].parameters(), trainable, strict=True):
                if value.ndim == 4:  # (h, w, in, out) to (out, in, h, w), and of depthwise ones (c, 1, h, w)
                    value = value.transpose((3, 2, 0, 1) if layer["kind"] == "conv" else (2, 3, 0, 1))
                elif layer["kind"] == "dense" and value.ndim == 2:
                    value = value.T
                elif layer["kind"] == "band_norm":
                    value = value.T.reshape(parameter.shape)  # channels, and their bands within
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        found = network(torch.from_numpy(MAPS).permute(0, 3, 1, 2))
    assert found.numpy() == pytest.approx(expected, abs=2e-4)
