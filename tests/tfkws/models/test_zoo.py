"""Every registered network: builds, costs what the golden file says, survives saving, trains, converts."""

import json
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest
from small_networks import small_network
from weightless import weightless

from tfkws.cost import count
from tfkws.cost.folding import folded_params
from tfkws.models import build_model, list_models
from tfkws.models.catalogue import read_catalogue
from tfkws.models.registry import entries
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "costs.json").read_text())
# Counted under `slow` only: the rest of a family differs from those that are counted by default (paper A's eight, paper
# B's thirteen, the small families and the smallest of each large one) in numbers only and takes a minute to build.
SLOW_TO_BUILD = {
    *(f"mobilenetv2_{width}" for width in ("0_5", "0_75", "1_4")),
    *(f"efficientnet_b{size}" for size in (1, 2, 3, 4, 5, 6)),
    *(f"effnetv2_{size}" for size in ("s", "l")),
    *(f"mnasnet{width}" for width in ("0_75", "1_3")),
    *("densenet_bc_250_24", "vgg13", "vgg16"),
}
# Saved, trained and converted by default: of each family of small networks some, at full size. Of each other family it
# is the small network, of the same blocks; every network at full size under `slow`.
RUN = {
    *("seed_cnn", "kws1", "kws10", "kws12", "bc_resnet_1", "mlperf_ds_cnn", "tc_resnet8", "tc_resnet14"),
    *("matchboxnet_3x1x64", "mobilenetv2_0_35", "mixednet_32"),
}
RUN_SMALL = ("densenet_bc", "efficientnet", "efficientnet_v2", "mnasnet", "vgg")
DEFAULT_NAME = re.compile(r"_\d+$")


def parameters(by_default: Container[str]) -> list[Any]:
    """Every network in one order, so that tests of one network follow each other and it is built once."""
    return [pytest.param(name, marks=() if name in by_default else pytest.mark.slow) for name in list_models()]


every_network = pytest.mark.parametrize("shapes", parameters(set(list_models()) - SLOW_TO_BUILD), indirect=True)
every_network_that_is_run = pytest.mark.parametrize("model", [*parameters(RUN), *RUN_SMALL], indirect=True)


@pytest.fixture(scope="module")
def shapes(request: pytest.FixtureRequest) -> keras.Model:
    """A network of the zoo as it is registered, whose weights have shapes and no values."""
    golden = GOLDEN[request.param]
    return weightless(request.param, tuple(golden["input_shape"]), golden["num_classes"])


@pytest.fixture(scope="module")
def model(request: pytest.FixtureRequest) -> Iterator[keras.Model]:
    """A network of the zoo, or the small one of a family; normalisations and biases are not the identity."""
    if request.param in RUN_SMALL:
        network = small_network(request.param)
    else:
        golden = GOLDEN[request.param]
        network = build_model(request.param, tuple(golden["input_shape"]), golden["num_classes"])
    randomise(network)
    yield network
    keras.backend.clear_session()


def randomise(network: keras.Model) -> None:
    rng = np.random.default_rng(0)
    for weight in network.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.8, 1.2, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.normal(0.0, 0.1, weight.shape))


def examples(network: keras.Model, number: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(number, *network.input_shape[1:])).astype(np.float32)


def test_every_registered_network_has_a_golden_row() -> None:
    assert list(GOLDEN) == list(list_models())


def test_the_catalogue_is_the_registry_with_golden_counts() -> None:
    for row, (name, entry) in zip(read_catalogue(), entries().items(), strict=True):
        golden = GOLDEN[name]
        assert (row.name, row.family, row.title, row.paper) == (
            name,
            entry.family.name,
            entry.variant.title,
            entry.family.paper,
        )
        assert (row.input_shape, row.num_classes) == (entry.family.input_shape, entry.family.num_classes)
        assert (list(row.input_shape), row.num_classes) == (golden["input_shape"], golden["num_classes"])
        assert (row.params, row.macs) == (golden["params"], golden["macs"])


@every_network
def test_counts_are_golden(shapes: keras.Model) -> None:
    report, golden = count(shapes), GOLDEN[shapes.name]
    layers = {total.layer_class: total.layers for total in report.by_class()}
    assert report.params == golden["params"]
    assert report.macs == golden["macs"]
    assert layers["Conv2D"] + layers.get("DepthwiseConv2D", 0) == golden["convolutions"]
    assert layers["BatchNorm"] == golden["batch_norms"]
    assert layers["Dense"] == golden["dense_layers"]


@every_network
def test_ends_in_logits_and_probabilities(shapes: keras.Model) -> None:
    logits, probabilities = shapes.layers[-2:]
    assert (logits.name, probabilities.name) == ("logits", "probabilities")
    assert logits.get_config()["activation"] == "linear"
    assert shapes.output_shape == (None, GOLDEN[shapes.name]["num_classes"])
    assert shapes.inputs[0].dtype == "float32"


@every_network
def test_every_layer_is_named_by_place_and_role(shapes: keras.Model) -> None:
    names = [layer.name for layer in shapes.layers]
    assert len(set(names)) == len(names)
    assert not [name for name in names if DEFAULT_NAME.search(name)]
    assert all(re.match(r"(input|stem|stage\d|unit\d|head|logits|probabilities)", name) for name in names)


@every_network_that_is_run
def test_survives_a_config_round_trip(model: keras.Model) -> None:
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    inputs = examples(model, 2)
    assert twin.name == model.name
    np.testing.assert_array_equal(twin(inputs, training=False), model(inputs, training=False))


@every_network_that_is_run
def test_trains_one_step(model: keras.Model) -> None:
    before = [weight.copy() for weight in model.get_weights()]
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy", run_eagerly=True)
    loss = model.train_on_batch(examples(model, 8), np.arange(8) % model.output_shape[-1])
    after = model.get_weights()
    assert np.isfinite(loss)
    unmoved = [w.path for w, a, b in zip(model.weights, before, after, strict=True) if np.array_equal(a, b)]
    # A shift has no gradient where another normalisation follows; everything else must be reached.
    assert not [path for path in unmoved if not path.endswith(("beta", "bias"))]
    model.set_weights(before)


@every_network_that_is_run
def test_converts_and_counts_agree(model: keras.Model) -> None:
    content = convert(model, RECIPES["none"]).content
    inputs = examples(model, 2)
    expected = np.asarray(model(inputs, training=False))
    np.testing.assert_allclose(open_model(content).predict(inputs), expected, atol=1e-5)
    report = count(content)
    assert report.macs == count(model).macs
    assert report.params == folded_params(model)
