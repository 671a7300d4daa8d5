"""Paper A's layer categories, for TFLite operators by opcode and layer; `tfkws.graphs.layer_kinds` has the layers'."""

from collections.abc import Iterable, Mapping
from typing import get_args

from tfkws.graphs.layer_kinds import Category

OTHER = "Other"
DEPTHWISE = "DepthwiseConv2D"
CATEGORIES: tuple[Category, ...] = get_args(Category)

_OPERATORS = {
    "CONV_2D": "Conv2D",
    "DEPTHWISE_CONV_2D": DEPTHWISE,
    "FULLY_CONNECTED": "Dense",
    "MAX_POOL_2D": "MaxPool",
    "AVERAGE_POOL_2D": "AveragePool",
    "MEAN": "AveragePool",
    **dict.fromkeys(("RELU", "RELU6", "LEAKY_RELU", "LOGISTIC", "HARD_SWISH", "TANH"), "ReLU and kin"),
}
# Operators that a normalisation or an activation becomes where it cannot be folded; their layer says which.
_AMBIGUOUS = frozenset({"MUL", "ADD", "SUB", "RSQRT"})
_LAYERS_OF_AMBIGUOUS = frozenset({"BatchNorm", "ReLU and kin"})


def operator_category(opcode: str, layer: str, layers: Mapping[str, str]) -> str:
    """Return the category of a TFLite operator.

    Args:
        layer: name of the Keras layer that it came from.
        layers: category of each Keras layer by name; may be empty: then a MUL of a SiLU or normalisation is "Other".
    """
    if opcode in _OPERATORS:
        return _OPERATORS[opcode]
    category = layers.get(layer, OTHER)
    return category if opcode in _AMBIGUOUS and category in _LAYERS_OF_AMBIGUOUS else OTHER


def merged(category: str, depthwise_apart: bool) -> str:
    """Return the category to show: paper A counts depthwise convolutions as convolutions."""
    return "Conv2D" if category == DEPTHWISE and not depthwise_apart else category


def in_order(found: Iterable[str]) -> tuple[str, ...]:
    """Sort categories as paper A's table does, "Other" last."""
    present = set(found)
    return tuple(category for category in CATEGORIES if category in present)
