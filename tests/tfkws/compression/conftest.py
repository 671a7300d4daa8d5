"""Small networks of several families whose weights and statistics are those of no initialiser."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

from tfkws.models import blocks, build_model
from tfkws.models.bc_resnet import broadcast_block
from tfkws.models.residual_blocks import BlockRow, Style, squeeze_by_conv, stack

CLASSES = 4
SHAPES = {"seed_cnn": (12, 8, 1), "ds_cnn": (16, 8, 1), "bc_resnet": (20, 12, 1), "tc_resnet": (8, 16, 1)}
SHAPES |= {"matchboxnet": (8, 20, 1), "densenet": (8, 8, 1), "squeeze": (8, 8, 1), "broadcast": (20, 12, 1)}


def build(family: str) -> keras.Model:
    """A small network of a family.

    "squeeze" has inverted residuals with squeeze-and-excitation and SiLU, "broadcast" three blocks of BC-ResNet.
    """
    shape = SHAPES[family]
    if family in ("squeeze", "broadcast"):
        inputs = blocks.image_input(shape)
        x = blocks.norm_activate(blocks.conv(inputs, "stem_conv", 16, 3, 2), "stem_conv", "silu")
        x = squeezed(x) if family == "squeeze" else broadcasted(x)
        return blocks.classify(inputs, blocks.global_average(x, "head_pool"), CLASSES)
    names: dict[str, tuple[str, dict[str, Any]]] = {
        "seed_cnn": ("seed_cnn", {"convs": "3x3,6 1x1,5 3x3,7"}),
        "ds_cnn": ("mlperf_ds_cnn", {"filters": 6, "repeats": 2}),
        "bc_resnet": ("bc_resnet_1", {}),
        "tc_resnet": ("tc_resnet8", {"width": 0.5}),
        "matchboxnet": ("matchboxnet_3x1x64", {"block_count": 1, "channels": 6}),
        "densenet": ("densenet_bc_100_12", {"depth": 10, "growth": 4}),
    }
    name, variant = names[family]
    return build_model(name, shape, CLASSES, **variant)


def squeezed(x: Any) -> Any:
    """Two blocks of EfficientNet."""
    rows = (BlockRow(expansion=2, channels=16, repeats=2, stride=1, squeeze=True),)
    return stack(x, rows, Style("silu", squeeze=squeeze_by_conv))


def broadcasted(x: Any) -> Any:
    """Blocks of BC-ResNet: with more channels, with a stride, and plain."""
    x = broadcast_block(x, "stage1_block1", 6, stride=1, dilation=1)
    x = broadcast_block(x, "stage1_block2", 8, stride=2, dilation=2)
    return broadcast_block(x, "stage1_block3", 8, stride=1, dilation=1)


def random_maps(count: int, shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    """Feature maps, float32 (count, *shape)."""
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32)


def enliven(network: keras.Model, maps: np.ndarray) -> None:
    """Give scales, shifts and statistics such that answers differ from map to map."""
    rng = np.random.default_rng(0)
    for layer in network.layers:
        if hasattr(layer, "rate"):
            layer.rate = 0.0
        if hasattr(layer, "momentum"):
            layer.momentum = 0.0  # one batch sets the running statistics
    for weight in network.weights:
        if weight.name == "gamma":
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "bias"):
            weight.assign(rng.normal(0.0, 0.3, weight.shape))
    network(maps, training=True)
    logits = network.get_layer("logits")
    answers = np.asarray(keras.Model(network.input, logits.output)(maps, training=False))
    logits.kernel.assign(logits.kernel * (1.5 / answers.std(axis=0).mean()))


@pytest.fixture(scope="session")
def lively() -> Callable[[str], tuple[keras.Model, np.ndarray]]:
    """The network of a family with maps float32 (32, h, w, 1); made once, so leave its weights as they are."""

    @cache
    def make(family: str) -> tuple[keras.Model, np.ndarray]:
        keras.utils.set_random_seed(0)
        network, maps = build(family), random_maps(32, SHAPES[family])
        enliven(network, maps)
        return network, maps

    return make
