"""Structured pruning: dead channels cost nothing, weights of the living arrive, MACs come out as planned."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tfkws.compression.pruning.channel_classes import ChannelClasses, channel_classes
from tfkws.compression.pruning.shrink import narrowed_model, shrink, widths_after
from tfkws.config import ModelConfig
from tfkws.cost import count
from tfkws.models import build_model
from tfkws.models.saving import load_model, save_model
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

MIXING = keras.layers.Conv2D | keras.layers.Dense
Lively = Callable[[str], tuple[keras.Model, np.ndarray]]
FAMILIES = [
    *("seed_cnn", "ds_cnn", "densenet", "squeeze", "broadcast"),
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("bc_resnet", "tc_resnet", "matchboxnet")),
]


def some_kept(classes: ChannelClasses, seed: int = 0) -> np.ndarray:
    """Keep about two thirds of the classes that may go, at least one of each layer's."""
    kept = classes.fixed | (np.random.default_rng(seed).random(classes.count) < 0.67)
    for one in classes.layers:
        kept[one.writes[0]] = True
    return kept


def silence(classes: ChannelClasses, gone: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Let nobody read the classes that are gone; return the weights from before."""
    before = {one.layer.name: one.layer.get_weights() for one in classes.layers}
    for one in classes.layers:
        if isinstance(one.layer, MIXING):
            kernel = np.array(one.layer.kernel)
            kernel[..., gone[one.reads], :] = 0
            one.layer.kernel.assign(kernel)
    return before


@pytest.mark.parametrize("family", FAMILIES)
def test_removing_what_nobody_reads_changes_nothing(family: str, lively: Lively) -> None:
    network, maps = lively(family)
    classes = channel_classes(network)
    kept = some_kept(classes)
    assert (~kept).sum() > 0
    before = silence(classes, ~kept)
    try:
        smaller = shrink(network, classes, kept)
        np.testing.assert_allclose(smaller(maps, training=False), network(maps, training=False), atol=1e-6)
        assert count(smaller).macs < count(network).macs
    finally:
        for one in classes.layers:
            one.layer.set_weights(before[one.layer.name])


def test_weights_of_what_stays_arrive_by_brute_force() -> None:
    network = build_model("mlperf_ds_cnn", (8, 4, 1), 3, filters=4, repeats=1)
    rng = np.random.default_rng(5)
    for weight in network.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    classes = channel_classes(network)
    stem, pointwise = network.get_layer("stem_conv"), network.get_layer("stage1_block1_pointwise")
    kept = np.ones(classes.count, bool)
    of = {one.layer.name: one for one in classes.layers}
    kept[of["stem_conv"].writes[1]] = False
    kept[of["stage1_block1_pointwise"].writes[[0, 3]]] = False
    smaller = shrink(network, classes, kept)
    left, out = [0, 2, 3], [1, 2]
    for name, expected in {
        "stem_conv": [stem.kernel.numpy()[:, :, :, left], stem.bias.numpy()[left]],
        "stem_conv_norm": [w[left] for w in network.get_layer("stem_conv_norm").get_weights()],
        "stage1_block1_depthwise": [
            network.get_layer("stage1_block1_depthwise").kernel.numpy()[:, :, left],
            network.get_layer("stage1_block1_depthwise").bias.numpy()[left],
        ],
        "stage1_block1_pointwise": [pointwise.kernel.numpy()[:, :, left][..., out], pointwise.bias.numpy()[out]],
        "logits": [network.get_layer("logits").kernel.numpy()[out], network.get_layer("logits").bias.numpy()],
    }.items():
        for one, other in zip(smaller.get_layer(name).get_weights(), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_pruned_seed_cnn_is_told_by_its_convolutions() -> None:
    narrower = narrowed_model(ModelConfig("kws12", {}), {"unit1_conv": 7, "unit4_conv": 3})
    assert narrower == ModelConfig("seed_cnn", {"convs": "5x5,7 1x1,40 1x1,50 1x1,3 3x3,20 3x3,20"})


@pytest.mark.parametrize(("family", "name"), [("densenet", "densenet_bc_100_12"), ("ds_cnn", "mlperf_ds_cnn")])
def test_the_registry_builds_the_pruned_network_and_it_converts(
    family: str, name: str, lively: Lively, tmp_path: Path
) -> None:
    network, maps = lively(family)
    classes = channel_classes(network)
    kept = some_kept(classes, seed=3)
    smaller = shrink(network, classes, kept)
    config = narrowed_model(ModelConfig(name, VARIANTS[family]), widths_after(classes, kept))
    twin = build_model(config.name, network.input_shape[1:], 4, **config.variant)
    assert [w.shape for w in twin.weights] == [w.shape for w in smaller.weights]
    save_model(smaller, tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    answers = np.asarray(again(maps, training=False))
    np.testing.assert_array_equal(answers, smaller(maps, training=False))
    np.testing.assert_allclose(
        open_model(convert(again, RECIPES["none"]), load_check=False).predict(maps), answers, atol=1e-5
    )


VARIANTS = {"densenet": {"depth": 10, "growth": 4}, "ds_cnn": {"filters": 6, "repeats": 2}}


def test_pruning_twice_adds_up_the_widths() -> None:
    once = narrowed_model(ModelConfig("mlperf_ds_cnn", {"filters": 8}), {"stem_conv": 6})
    twice = narrowed_model(once, {"stem_conv": 5, "stage1_block1_pointwise": 4})
    assert twice.variant == {"filters": 8, "widths": {"stem_conv": 5, "stage1_block1_pointwise": 4}}
    assert replace(twice, variant={}) == ModelConfig("mlperf_ds_cnn")
