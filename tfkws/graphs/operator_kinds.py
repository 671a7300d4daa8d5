"""What each operator of the .tflite schema is: one row an operator, asked by counting, quantisation and profiling.

To teach tfkws a new operator, add one row to `OPERATOR_KINDS`. An operator without a row can be read and run, but not
counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tfkws.graphs.layer_kinds import (
    ACTIVATION,
    DATA_MOVEMENT,
    ELEMENTWISE,
    OTHER,
    POOLING,
    QUANTISATION,
    Category,
    LayerClass,
)


@dataclass(frozen=True)
class OperatorKind:
    """One operator of the schema.

    Attributes:
        opcode: its name in the schema.
        layer_class: its name in a `CostRow`, which is also the formula that counts it; None where there is no
            rule.
        zero_reason: why it has no multiply-accumulates; empty where a formula counts them.
        category: of paper A's tables.
        category_of_layer: whether it counts as the normalisation or activation that it is a part of.
        kernels: parts of the names of the XNNPACK kernels that can run it.
        foldable: whether a runtime may make it a part of another operator.
        has_weights: whether its second input is a kernel or matrix that multiplies.
        constants_are_params: whether its constants are parameters; others take axes and shapes as constants.
        absorbs_norm: whether the converter folds the normalisation and activation behind it into it.
        output_axis: axis of its second input that counts the channels it writes.
        input_axis: axis of its second input that counts the channels it reads.
        keeps_values: whether it changes number type or shape only.
    """

    opcode: str
    layer_class: LayerClass | None = None
    zero_reason: str = ""
    category: Category = "Other"
    category_of_layer: bool = False
    kernels: tuple[str, ...] = ()
    foldable: bool = False
    has_weights: bool = False
    constants_are_params: bool = False
    absorbs_norm: bool = False
    output_axis: int | None = None
    input_axis: int | None = None
    keeps_values: bool = False

    @property
    def is_convolution(self) -> bool:
        """Whether it slides a kernel of weights over a map and can be counted."""
        return self.layer_class in ("Conv2D", "DepthwiseConv2D")

    @property
    def is_depthwise(self) -> bool:
        """Whether it convolves each channel by itself."""
        return self.layer_class == "DepthwiseConv2D"

    @property
    def changes_number_type(self) -> bool:
        """Whether it converts between two number types, such as float32 and int8, as QUANTIZE does."""
        return self.zero_reason == QUANTISATION


_LOOKUP = "Invalid Unary Op"  # XNNPACK's name for a table lookup, which functions of one int8 value become

OPERATOR_KINDS: tuple[OperatorKind, ...] = (
    OperatorKind(
        "CONV_2D", "Conv2D", category="Conv2D", kernels=("Convolution", "DWConv", "Fully Connected"),
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=0, input_axis=3,
    ),
    OperatorKind(
        "DEPTHWISE_CONV_2D", "DepthwiseConv2D", category="DepthwiseConv2D", kernels=("Convolution", "DWConv"),
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=3, input_axis=3,
    ),
    OperatorKind(
        "FULLY_CONNECTED", "Dense", category="Dense", kernels=("Fully Connected", "Batch Matrix Multiply"),
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=0, input_axis=1,
    ),
    OperatorKind("TRANSPOSE_CONV", kernels=("Deconvolution",), has_weights=True),
    OperatorKind("BATCH_MATMUL", kernels=("Fully Connected", "Batch Matrix Multiply")),
    OperatorKind("RFFT2D", "Transform"),
    # Functions of one value.
    OperatorKind("RELU", "Activation", ACTIVATION, "ReLU and kin", kernels=("Clamp", "ReLU", "Maximum"), foldable=True),
    OperatorKind("RELU6", "Activation", ACTIVATION, "ReLU and kin", kernels=("Clamp", "ReLU"), foldable=True),
    OperatorKind("LEAKY_RELU", category="ReLU and kin", kernels=("ReLU",)),
    OperatorKind("PRELU", kernels=("ReLU",)),
    OperatorKind("RELU_N1_TO_1", kernels=("Clamp",)),
    OperatorKind("RELU_0_TO_1", kernels=("Clamp",)),
    OperatorKind("LOGISTIC", "Activation", ACTIVATION, "ReLU and kin", kernels=("Sigmoid", _LOOKUP)),
    OperatorKind("HARD_SWISH", "Activation", ACTIVATION, "ReLU and kin", kernels=("HardSwish", _LOOKUP)),
    OperatorKind("TANH", "Activation", ACTIVATION, "ReLU and kin", kernels=("Tanh", _LOOKUP)),
    OperatorKind("SOFTMAX", "Activation", ACTIVATION, kernels=("Softmax",)),
    OperatorKind("LOG", "Activation", ACTIVATION, kernels=("Log", _LOOKUP)),
    OperatorKind("EXP", kernels=("Exp", _LOOKUP)),
    OperatorKind("SQRT", kernels=("Square Root", _LOOKUP)),
    OperatorKind("RSQRT", category_of_layer=True, kernels=("Reciprocal Square Root", _LOOKUP)),
    OperatorKind("ABS", kernels=("Abs",)),
    OperatorKind("NEG", kernels=("Negate",)),
    # Reductions.
    OperatorKind("MAX_POOL_2D", "Pooling", POOLING, "MaxPool", kernels=("Max Pooling", "ArgMax Pooling")),
    OperatorKind("AVERAGE_POOL_2D", "Pooling", POOLING, "AveragePool", kernels=("Average Pooling", "Mean")),
    OperatorKind("MEAN", "Pooling", POOLING, "AveragePool", kernels=("Average Pooling", "Mean", "Sum")),
    OperatorKind("SUM", kernels=("Sum",)),
    # Functions of two values.
    OperatorKind(
        "MUL", "Elementwise", ELEMENTWISE, category_of_layer=True, kernels=("Multiply",), foldable=True,
        constants_are_params=True, input_axis=-1,
    ),
    OperatorKind(
        "ADD", "Elementwise", ELEMENTWISE, category_of_layer=True, kernels=("Add",), foldable=True,
        constants_are_params=True,
    ),
    OperatorKind(
        "SUB", "Elementwise", ELEMENTWISE, category_of_layer=True, kernels=("Subtract",), constants_are_params=True
    ),
    OperatorKind("SQUARE", "Elementwise", ELEMENTWISE, kernels=("Square",)),
    OperatorKind("DIV", kernels=("Divide",)),
    OperatorKind("SQUARED_DIFFERENCE", kernels=("Squared Difference",)),
    OperatorKind("MAXIMUM", kernels=("Clamp", "Maximum")),
    OperatorKind("MINIMUM", kernels=("Clamp", "Minimum")),
    # Movements of values.
    OperatorKind(
        "RESHAPE", "DataMovement", DATA_MOVEMENT, kernels=("Reshape", "Copy"), foldable=True, keeps_values=True
    ),
    OperatorKind("SQUEEZE", "DataMovement", DATA_MOVEMENT, kernels=("Reshape", "Copy"), foldable=True),
    OperatorKind("EXPAND_DIMS", "DataMovement", DATA_MOVEMENT, kernels=("Reshape", "Copy"), foldable=True),
    OperatorKind("TRANSPOSE", "DataMovement", DATA_MOVEMENT, kernels=("Transpose",), foldable=True),
    OperatorKind("CONCATENATION", "DataMovement", DATA_MOVEMENT, kernels=("Concat", "Copy")),
    OperatorKind("PAD", "DataMovement", DATA_MOVEMENT, kernels=("Constant Pad",), foldable=True),
    OperatorKind("PADV2", kernels=("Constant Pad",), foldable=True),
    OperatorKind("STRIDED_SLICE", "DataMovement", DATA_MOVEMENT, kernels=("Slice",), foldable=True),
    OperatorKind("SLICE", kernels=("Slice",)),
    OperatorKind("SPLIT", kernels=("Slice", "Copy"), foldable=True),
    OperatorKind("REAL", "DataMovement", DATA_MOVEMENT),
    OperatorKind("IMAG", "DataMovement", DATA_MOVEMENT),
    OperatorKind("QUANTIZE", "DataMovement", QUANTISATION, kernels=("Convert",), foldable=True, keeps_values=True),
    OperatorKind("DEQUANTIZE", "DataMovement", QUANTISATION, kernels=("Convert",), foldable=True, keeps_values=True),
    OperatorKind("CAST", kernels=("Convert",)),
)  # fmt: skip

# Layers whose category their operators take; see `OperatorKind.category_of_layer`.
_LAYERS_OF_AMBIGUOUS = frozenset({"BatchNorm", "ReLU and kin"})

_BY_OPCODE = {kind.opcode: kind for kind in OPERATOR_KINDS}


def operator_kind(opcode: str) -> OperatorKind:
    """Return the row of an operator; for one without a row, a row that holds its name alone.

    Example:
        >>> operator_kind("DEPTHWISE_CONV_2D").layer_class
        'DepthwiseConv2D'
        >>> operator_kind("MEAN").zero_reason
        'adds or compares, does not multiply'
        >>> operator_kind("CUSTOM:Strange").layer_class is None
        True
    """
    return _BY_OPCODE.get(opcode, OperatorKind(opcode))


def operator_category(opcode: str, layer: str, layers: Mapping[str, str]) -> str:
    """Return the category of an operator in paper A's tables.

    Args:
        layer: name of the Keras layer that it came from.
        layers: category of each Keras layer by name; may be empty: then a MUL of a SiLU or normalisation is
            "Other".
    """
    kind = operator_kind(opcode)
    if not kind.category_of_layer:
        return kind.category
    category = layers.get(layer, OTHER)
    return category if category in _LAYERS_OF_AMBIGUOUS else OTHER
