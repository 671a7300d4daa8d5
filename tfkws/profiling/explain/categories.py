"""Paper A's layer categories, for TFLite operators by opcode and layer; `tfkws.graphs.layer_kinds` has the layers'."""

from collections.abc import Iterable, Mapping
from typing import get_args

from tfkws.graphs.layer_kinds import Category
from tfkws.graphs.operator_kinds import operator_kind

OTHER = "Other"
DEPTHWISE = "DepthwiseConv2D"
CATEGORIES: tuple[Category, ...] = get_args(Category)

# Layers whose category their operators take; see `OperatorKind.category_of_layer`.
_LAYERS_OF_AMBIGUOUS = frozenset({"BatchNorm", "ReLU and kin"})


def operator_category(opcode: str, layer: str, layers: Mapping[str, str]) -> str:
    """Return the category of a TFLite operator.

    Args:
        layer: name of the Keras layer that it came from.
        layers: category of each Keras layer by name; may be empty: then a MUL of a SiLU or normalisation is "Other".
    """
    kind = operator_kind(opcode)
    if not kind.category_of_layer:
        return kind.category
    category = layers.get(layer, OTHER)
    return category if category in _LAYERS_OF_AMBIGUOUS else OTHER


def merged(category: str, depthwise_apart: bool) -> str:
    """Return the category to show: paper A counts depthwise convolutions as convolutions."""
    return "Conv2D" if category == DEPTHWISE and not depthwise_apart else category


def in_order(found: Iterable[str]) -> tuple[str, ...]:
    """Sort categories as paper A's table does, "Other" last."""
    present = set(found)
    return tuple(category for category in CATEGORIES if category in present)
