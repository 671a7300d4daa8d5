"""Paper A's layer categories, for Keras layers by class and for TFLite operators by opcode and layer. Pure."""

from collections.abc import Iterable, Mapping

OTHER = "Other"
DEPTHWISE = "DepthwiseConv2D"
CATEGORIES = (
    "Conv2D", DEPTHWISE, "BatchNorm", "ReLU and kin", "MaxPool", "Dense", "Dropout", "AveragePool", OTHER,
)  # fmt: skip

_KERAS = {
    "Conv2D": "Conv2D",
    "DepthwiseConv2D": DEPTHWISE,
    "StridedRowsDepthwiseConv2D": DEPTHWISE,
    "BatchNormalization": "BatchNorm",
    "SubSpectralNormalization": "BatchNorm",
    "ReLU": "ReLU and kin",
    "Activation": "ReLU and kin",
    "MaxPooling2D": "MaxPool",
    "GlobalMaxPooling2D": "MaxPool",
    "Dense": "Dense",
    "Dropout": "Dropout",
    "SpatialDropout2D": "Dropout",
    "AveragePooling2D": "AveragePool",
    "GlobalAveragePooling2D": "AveragePool",
}
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


def keras_category(class_name: str) -> str:
    """Return the category of a Keras layer; sums, products, joins, reshapes and softmax are "Other"."""
    return _KERAS.get(class_name, OTHER)


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
