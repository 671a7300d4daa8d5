"""Costs of resized networks: those of the network that is built, for every family."""

from collections.abc import Iterator

import keras  # noqa: TID253
import numpy as np
import pytest
from small_networks import SMALL, small_network
from weightless import without_values

from tfkws.compression.pruning.channel_classes import channel_classes
from tfkws.compression.pruning.shrink import widths_after
from tfkws.cost import count
from tfkws.cost.resized import resized_costs
from tfkws.errors import ModelError
from tfkws.models.layer_sizes import can_change_kernel, with_sizes
from tfkws.models.registry import FAMILIES


@pytest.fixture(scope="module")
def network(request: pytest.FixtureRequest) -> keras.Model:
    with without_values():
        return small_network(request.param)


@pytest.fixture(autouse=True)
def shapes_alone() -> Iterator[None]:
    with without_values():
        yield


def other_widths(network: keras.Model, rng: np.random.Generator) -> dict[str, int]:
    """Sizes that fit each other, as pruning finds them: half the channels, at least one of each layer."""
    classes = channel_classes(network)
    kept = classes.fixed | (rng.random(classes.count) < 0.5)
    for one in classes.layers:
        kept[one.writes[0]] = True
    return widths_after(classes, kept)


def other_kernels(network: keras.Model, rng: np.random.Generator) -> dict[str, list[int]]:
    layers = [layer for layer in network.layers if can_change_kernel(layer)]
    return {layer.name: rng.integers(1, 6, 2).tolist() for layer in layers if rng.random() < 0.7}


def test_every_family_is_here() -> None:
    assert set(SMALL) == {family.name for family in FAMILIES}


@pytest.mark.parametrize("network", SMALL, indirect=True)
def test_as_the_network_that_is_built(network: keras.Model) -> None:
    rng, costs = np.random.default_rng(0), resized_costs(network)
    before = count(network)
    assert costs({}, {}) == (before.macs, before.params)
    for _ in range(2):
        widths, kernels = other_widths(network, rng), other_kernels(network, rng)
        after = count(with_sizes(network, widths, kernels))
        assert costs(widths, kernels) == (after.macs, after.params) != (before.macs, before.params)


@pytest.mark.parametrize("network", ["tc_resnet"], indirect=True)
@pytest.mark.parametrize("widths", [{"stage1_block1_conv2": 3}, {"nowhere": 3}, {"stem_conv": 0}])
def test_what_cannot_be_built_has_no_cost(network: keras.Model, widths: dict[str, int]) -> None:
    for build in (resized_costs(network), lambda w, k: with_sizes(network, w, k)):
        with pytest.raises(ModelError):
            build(widths, {})
