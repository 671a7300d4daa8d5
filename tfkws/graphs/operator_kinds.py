"""What each operator of the .tflite schema is: one row an operator, asked by counting, quantisation and profiling.

Every builtin operator of the schema has a row. Four of them say that no rule is possible (`NOT_COUNTABLE`): what they
compute is not in the file. A new operator of the schema wants one row in `OPERATOR_KINDS`; until then it can be read
and run, and counts as unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tfkws.graphs.layer_kinds import (
    ACTIVATION,
    COMPARISON,
    DATA_MOVEMENT,
    ELEMENTWISE,
    HASHING,
    INTERPOLATION,
    LOOKUP,
    NORMALISATION,
    ONCE,
    OTHER,
    POOLING,
    QUANTISATION,
    RANDOM,
    REDUCTION,
    STATE,
    Category,
    LayerClass,
)


@dataclass(frozen=True)
class OperatorKind:
    """One operator of the schema.

    Attributes:
        opcode: its name in the schema.
        layer_class: its name in a `CostRow`; None where there is no rule.
        zero_reason: why it has no multiply-accumulates; empty where a formula counts them.
        category: of paper A's tables.
        category_of_layer: whether it counts as the normalisation or activation that it is a part of.
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
    has_weights: bool = False
    constants_are_params: bool = False
    absorbs_norm: bool = False
    output_axis: int | None = None
    input_axis: int | None = None
    keeps_values: bool = False

    @property
    def is_convolution(self) -> bool:
        """Whether it slides a kernel of weights over a map and can be counted."""
        return self.absorbs_norm and self.layer_class in ("Conv2D", "DepthwiseConv2D")

    @property
    def is_depthwise(self) -> bool:
        """Whether it convolves each channel by itself."""
        return self.layer_class == "DepthwiseConv2D"

    @property
    def changes_number_type(self) -> bool:
        """Whether it converts between two number types, such as float32 and int8, as QUANTIZE does."""
        return self.opcode in ("QUANTIZE", "DEQUANTIZE")


def _alike(layer_class: LayerClass, zero_reason: str, opcodes: str, category: Category = "Other") -> list[OperatorKind]:
    """Return rows of operators of which nothing else is to be said."""
    return [OperatorKind(opcode, layer_class, zero_reason, category) for opcode in opcodes.split()]


OPERATOR_KINDS: tuple[OperatorKind, ...] = (
    OperatorKind(
        "CONV_2D", "Conv2D", category="Conv2D",
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=0, input_axis=3,
    ),
    OperatorKind(
        "DEPTHWISE_CONV_2D", "DepthwiseConv2D", category="DepthwiseConv2D",
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=3, input_axis=3,
    ),
    OperatorKind(
        "FULLY_CONNECTED", "Dense", category="Dense",
        has_weights=True, constants_are_params=True, absorbs_norm=True, output_axis=0, input_axis=1,
    ),
    OperatorKind("TRANSPOSE_CONV", "Conv2DTranspose", has_weights=True),
    OperatorKind("BATCH_MATMUL", "MatMul"),
    OperatorKind("RFFT2D", "Transform"),
    # Functions of one value.
    OperatorKind("RELU", "Activation", ACTIVATION, "ReLU and kin"),
    OperatorKind("RELU6", "Activation", ACTIVATION, "ReLU and kin"),
    OperatorKind("LEAKY_RELU", "Activation", ACTIVATION, category="ReLU and kin"),
    OperatorKind("PRELU", "Activation", ACTIVATION),
    OperatorKind("RELU_N1_TO_1", "Activation", ACTIVATION),
    OperatorKind("RELU_0_TO_1", "Activation", ACTIVATION),
    OperatorKind("LOGISTIC", "Activation", ACTIVATION, "ReLU and kin"),
    OperatorKind("HARD_SWISH", "Activation", ACTIVATION, "ReLU and kin"),
    OperatorKind("TANH", "Activation", ACTIVATION, "ReLU and kin"),
    OperatorKind("SOFTMAX", "Activation", ACTIVATION),
    OperatorKind("LOG", "Activation", ACTIVATION),
    OperatorKind("EXP", "Activation", ACTIVATION),
    OperatorKind("SQRT", "Activation", ACTIVATION),
    OperatorKind("RSQRT", "Activation", ACTIVATION, category_of_layer=True),
    OperatorKind("ABS", "Activation", ACTIVATION),
    OperatorKind("NEG", "Activation", ACTIVATION),
    # Reductions.
    OperatorKind("MAX_POOL_2D", "Pooling", POOLING, "MaxPool"),
    OperatorKind("AVERAGE_POOL_2D", "Pooling", POOLING, "AveragePool"),
    OperatorKind("MEAN", "Pooling", POOLING, "AveragePool"),
    OperatorKind("SUM", "Pooling", POOLING),
    # Functions of two values.
    OperatorKind("MUL", "Elementwise", ELEMENTWISE, category_of_layer=True, constants_are_params=True, input_axis=-1),
    OperatorKind("ADD", "Elementwise", ELEMENTWISE, category_of_layer=True, constants_are_params=True),
    OperatorKind("SUB", "Elementwise", ELEMENTWISE, category_of_layer=True, constants_are_params=True),
    OperatorKind("SQUARE", "Elementwise", ELEMENTWISE),
    OperatorKind("DIV", "Elementwise", ELEMENTWISE),
    OperatorKind("SQUARED_DIFFERENCE", "Elementwise", ELEMENTWISE),
    OperatorKind("MAXIMUM", "Elementwise", ELEMENTWISE),
    OperatorKind("MINIMUM", "Elementwise", ELEMENTWISE),
    # Movements of values.
    OperatorKind("RESHAPE", "DataMovement", DATA_MOVEMENT, keeps_values=True),
    OperatorKind("SQUEEZE", "DataMovement", DATA_MOVEMENT),
    OperatorKind("EXPAND_DIMS", "DataMovement", DATA_MOVEMENT),
    OperatorKind("TRANSPOSE", "DataMovement", DATA_MOVEMENT),
    OperatorKind("CONCATENATION", "DataMovement", DATA_MOVEMENT),
    OperatorKind("PAD", "DataMovement", DATA_MOVEMENT),
    OperatorKind("PADV2", "DataMovement", DATA_MOVEMENT),
    OperatorKind("STRIDED_SLICE", "DataMovement", DATA_MOVEMENT),
    OperatorKind("SLICE", "DataMovement", DATA_MOVEMENT),
    OperatorKind("SPLIT", "DataMovement", DATA_MOVEMENT),
    OperatorKind("REAL", "DataMovement", DATA_MOVEMENT),
    OperatorKind("IMAG", "DataMovement", DATA_MOVEMENT),
    OperatorKind("QUANTIZE", "DataMovement", QUANTISATION, keeps_values=True),
    OperatorKind("DEQUANTIZE", "DataMovement", QUANTISATION, keeps_values=True),
    OperatorKind("CAST", "DataMovement", QUANTISATION),
    # Products with weights, counted by `tfkws.cost.tflite_rules`.
    OperatorKind("CONV_3D", "Conv3D", has_weights=True, constants_are_params=True),
    OperatorKind("CONV_3D_TRANSPOSE", "Conv3DTranspose", has_weights=True, constants_are_params=True),
    OperatorKind("STABLEHLO_CONVOLUTION", "Conv2D", category="Conv2D", has_weights=True),
    OperatorKind("STABLEHLO_DOT_GENERAL", "MatMul"),
    *(
        OperatorKind(opcode, "Recurrent", has_weights=True, constants_are_params=True)
        for opcode in (
            "LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM",
            "RNN", "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF",
        )
    ),
    OperatorKind("EMBEDDING_LOOKUP_SPARSE", "Embedding", constants_are_params=True),
    OperatorKind("EMBEDDING_LOOKUP", "Embedding", LOOKUP, constants_are_params=True),
    # Calls of subgraphs, counted by what they call.
    *_alike("ControlFlow", "", "WHILE IF CALL STABLEHLO_WHILE STABLEHLO_CASE STABLEHLO_COMPOSITE"),
    *_alike("ControlFlow", ONCE, "CALL_ONCE"),
    # Functions of one value.
    *_alike("Activation", ACTIVATION, "ELU GELU", "ReLU and kin"),
    *_alike(
        "Activation", ACTIVATION,
        "SIN COS FLOOR CEIL ROUND SIGN LOG_SOFTMAX LOGICAL_NOT COMPLEX_ABS FAKE_QUANT BUCKETIZE "
        "STABLEHLO_LOGISTIC STABLEHLO_ABS STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG "
        "STABLEHLO_NEGATE STABLEHLO_RSQRT STABLEHLO_TANH STABLEHLO_CBRT STABLEHLO_CLAMP",
    ),
    *_alike("Activation", NORMALISATION, "L2_NORMALIZATION LOCAL_RESPONSE_NORMALIZATION"),
    # Functions of two values and more.
    *_alike(
        "Elementwise", ELEMENTWISE,
        "POW FLOOR_DIV FLOOR_MOD ATAN2 ADD_N LOGICAL_AND LOGICAL_OR BITWISE_XOR RIGHT_SHIFT "
        "STABLEHLO_ADD STABLEHLO_SUBTRACT STABLEHLO_MULTIPLY STABLEHLO_DIVIDE STABLEHLO_MAXIMUM STABLEHLO_MINIMUM "
        "STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_AND STABLEHLO_OR STABLEHLO_SHIFT_LEFT",
    ),
    *_alike("Elementwise", COMPARISON, "LESS LESS_EQUAL GREATER GREATER_EQUAL EQUAL NOT_EQUAL STABLEHLO_COMPARE"),
    # Reductions.
    *_alike("Pooling", POOLING, "L2_POOL_2D REDUCE_WINDOW STABLEHLO_REDUCE_WINDOW DILATE"),
    *_alike(
        "Pooling", REDUCTION,
        "REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ANY REDUCE_ALL ARG_MAX ARG_MIN CUMSUM SEGMENT_SUM "
        "UNSORTED_SEGMENT_SUM UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_MIN TOPK_V2 UNIQUE "
        "NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 STABLEHLO_REDUCE STABLEHLO_SORT",
    ),
    # Movements of values.
    *_alike(
        "DataMovement", DATA_MOVEMENT,
        "PACK UNPACK SPLIT_V GATHER GATHER_ND TILE FILL ZEROS_LIKE RANGE SHAPE RANK ONE_HOT SELECT SELECT_V2 WHERE "
        "BROADCAST_TO BROADCAST_ARGS MIRROR_PAD REVERSE_V2 REVERSE_SEQUENCE SCATTER_ND SPARSE_TO_DENSE "
        "DYNAMIC_UPDATE_SLICE MATRIX_DIAG MATRIX_SET_DIAG DEPTH_TO_SPACE SPACE_TO_DEPTH BATCH_TO_SPACE_ND "
        "SPACE_TO_BATCH_ND CONCAT_EMBEDDINGS SKIP_GRAM "
        "STABLEHLO_RESHAPE STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM STABLEHLO_SLICE STABLEHLO_SELECT "
        "STABLEHLO_SCATTER STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA "
        "STABLEHLO_GATHER STABLEHLO_TRANSPOSE",
    ),
    *_alike("DataMovement", QUANTISATION, "BITCAST DENSIFY STABLEHLO_CONVERT"),
    *_alike("DataMovement", INTERPOLATION, "RESIZE_BILINEAR"),
    *_alike("DataMovement", DATA_MOVEMENT, "RESIZE_NEAREST_NEIGHBOR"),
    *_alike("DataMovement", RANDOM, "RANDOM_STANDARD_NORMAL RANDOM_UNIFORM MULTINOMIAL STABLEHLO_RNG_BIT_GENERATOR"),
    # Variables and tables.
    *_alike("State", STATE, "VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE"),
    *_alike("State", LOOKUP, "HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE HASHTABLE_LOOKUP"),
    *_alike("State", HASHING, "LSH_PROJECTION"),
)  # fmt: skip

# Operators of the schema for which no rule is possible, and why.
NOT_COUNTABLE: Mapping[str, str] = {
    "CUSTOM": "what a custom operator computes is not in the file",
    "DELEGATE": "what a delegate computes is not in the file",
    "STABLEHLO_CUSTOM_CALL": "what a custom call computes is not in the file",
    "PLACEHOLDER_FOR_GREATER_OP_CODES": "a mark of the file format, no operator",
}

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
