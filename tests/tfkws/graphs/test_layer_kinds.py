"""The table of layer classes: every layer of the zoo has a row, and a row says what the layer does to channels."""

import importlib
import operator
from typing import Any

import keras
import numpy as np
import pytest
from small_networks import SMALL, small_network

from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.keras import read_graph
from tfkws.graphs.layer_kinds import CATEGORIES, LAYER_KINDS, LayerKind, find_kind, in_order, kind_of
from tfkws.models.registry import FAMILIES

CHANNELS = 4
NAME = operator.attrgetter("name")
# A softmax has one output for each input, but they sum to one.
PASSING = [kind for kind in LAYER_KINDS if kind.passes_channels and kind.name != "keras.layers.Softmax"]
# The fewest arguments with which each class can be made; none where it needs none.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "Conv2D": (3, 2),
    "DepthwiseConv2D": (2,),
    "Dense": (3,),
    "SubSpectralNormalization": (2,),
    "Activation": ("silu",),
    "AveragePooling2D": (2,),
    "Dropout": (0.5,),
    "SpatialDropout2D": (0.5,),
    "Permute": ((2, 1, 3),),
    "Reshape": ((-1, CHANNELS),),
}


def class_of(kind: LayerKind) -> type:
    module, _, name = kind.name.rpartition(".")
    found: type = getattr(importlib.import_module(module), name)
    return found


def layer_of(kind: LayerKind) -> Any:
    return class_of(kind)(*ARGUMENTS.get(class_of(kind).__name__, ()))


def touched(layer: Any, channel: int) -> set[int]:
    """Numbers of the output channels that change with one input channel, by trying."""
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(2, 6, 4, CHANNELS)).astype(np.float32)
    other = maps.copy()
    other[..., channel] += rng.normal(size=(2, 6, 4)).astype(np.float32)
    before, after = (np.asarray(layer(one)) for one in (maps, other))
    changed = np.abs(before - after).reshape(-1, before.shape[-1]).max(axis=0) > 1e-6
    return set(np.flatnonzero(changed).tolist())


def test_every_family_is_here() -> None:
    assert set(SMALL) == {family.name for family in FAMILIES}


@pytest.mark.parametrize("family", SMALL)
def test_every_layer_of_the_zoo_has_a_row(family: str) -> None:
    layers = [node.layer for node in read_graph(small_network(family)).nodes]
    assert not {type(layer).__name__ for layer in layers if find_kind(layer) is None}
    keras.backend.clear_session()


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=NAME)
def test_a_row_is_found_by_its_layer_and_stands_once(kind: LayerKind) -> None:
    assert kind_of(layer_of(kind)) is kind
    assert [other.name for other in LAYER_KINDS].count(kind.name) == 1


@pytest.mark.parametrize("kind", PASSING, ids=NAME)
def test_a_layer_that_passes_channels_keeps_them_apart(kind: LayerKind) -> None:
    assert [touched(layer_of(kind), channel) for channel in range(CHANNELS)] == [{0}, {1}, {2}, {3}]


@pytest.mark.parametrize("kind", [kind for kind in LAYER_KINDS if kind.mixes_channels], ids=NAME)
def test_a_layer_that_mixes_channels_lets_each_reach_all(kind: LayerKind) -> None:
    assert touched(layer_of(kind), 1) == {0, 1, 2}


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=NAME)
def test_weights_kernel_axis_and_width_setting(kind: LayerKind) -> None:
    layer = layer_of(kind)
    layer.build([(2, 6, 4, CHANNELS)] * 2 if kind.channels in ("merged", "joined") else (2, 6, 4, CHANNELS))
    assert bool(layer.weights) == kind.has_weights
    assert hasattr(layer, "kernel") == (kind.kernel_axis is not None)
    if kind.kernel_axis is not None:
        assert layer.kernel.shape[kind.kernel_axis] == (3 if kind.mixes_channels else CHANNELS)
    if kind.width_setting:
        assert layer.get_config()[kind.width_setting] == 3


def test_a_class_of_the_same_name_or_a_subclass_is_another_one() -> None:
    class Conv2D(keras.layers.Conv2D):
        pass

    inputs = keras.Input((4,))
    product = keras.Model(inputs, inputs * 2.0).operations[-1]
    assert type(product).__name__ == "Multiply"
    assert [find_kind(layer) for layer in (Conv2D(2, 1), product, None)] == [None, None, None]


def test_a_layer_that_cannot_be_changed_is_named_with_those_that_can() -> None:
    sentence = (
        r"^Layer odd \(GRU\) can be timed and converted, but not changed; this takes networks of Activation, Add, "
    )
    with pytest.raises(UnsupportedLayerError, match=sentence):
        kind_of(keras.layers.GRU(3, name="odd"))


def test_categories_are_in_the_papers_order_with_other_last() -> None:
    assert in_order(["Other", "Dense", "Conv2D"]) == ("Conv2D", "Dense", "Other")
    assert in_order(reversed(CATEGORIES)) == CATEGORIES and CATEGORIES[-1] == "Other"
