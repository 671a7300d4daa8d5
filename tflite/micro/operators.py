"""The operators that TensorFlow Lite Micro has, and how a `MicroMutableOpResolver` is told of each.

Source: `tensorflow/lite/micro/micro_mutable_op_resolver.h` of the project. The tests hold the list against the package
`tflite-micro`, by asking its interpreter for every operator of the schema.
"""

from collections.abc import Iterable

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.micro.number_types import check_number_types

_OPERATORS = """
ABS ADD ADD_N ARG_MAX ARG_MIN ASSIGN_VARIABLE AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND BROADCAST_ARGS
BROADCAST_TO CALL_ONCE CAST CEIL CONCATENATION CONV_2D COS CUMSUM DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE DIV
DYNAMIC_UPDATE_SLICE ELU EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER
GATHER_ND GREATER GREATER_EQUAL HARD_SWISH IF L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND
LOGICAL_NOT LOGICAL_OR LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK PAD PADV2
PRELU QUANTIZE READ_VARIABLE REDUCE_ALL REDUCE_MAX REDUCE_MIN RELU RELU6 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR
REVERSE_V2 ROUND RSQRT SELECT_V2 SHAPE SIN SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE
SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM SVDF TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK
VAR_HANDLE WHILE ZEROS_LIKE
"""
MICRO_OPERATORS = frozenset(_OPERATORS.split())
# Calls that are not the operator's own words.
_SPELLED = {"BATCH_MATMUL": "BatchMatMul", "CUMSUM": "CumSum", "PADV2": "PadV2"}
_AS_THEY_ARE = frozenset({"2D", "LSTM"})


def resolver_call(operator: str) -> str:
    """Return the call that adds an operator to a `MicroMutableOpResolver`.

    Example:
        >>> resolver_call("DEPTHWISE_CONV_2D"), resolver_call("SPACE_TO_BATCH_ND"), resolver_call("RELU6")
        ('AddDepthwiseConv2D', 'AddSpaceToBatchNd', 'AddRelu6')
    """
    words = (word if word in _AS_THEY_ARE else word.capitalize() for word in operator.split("_"))
    return f"Add{_SPELLED.get(operator) or ''.join(words)}"


def operators_of(graph: TfliteGraph) -> tuple[str, ...]:
    """Return the names of a file's operators, each once, in order of the alphabet."""
    return tuple(sorted({op.opcode for op in graph.all_ops}))


def check_for_micro(graph: TfliteGraph, name: str, operators: Iterable[str] = MICRO_OPERATORS) -> None:
    """Refuse a file with an operator that TensorFlow Lite Micro lacks, or has not for its number types.

    Args:
        name: of the file, for the message.
        operators: those that there are.

    Raises:
        ConversionError: it has one; the message names it, and the layer that it was made from.
    """
    known = frozenset(operators)
    for part in graph.called:
        for op in part.ops:
            if op.opcode not in known:
                layer = part.layer_name(op)
                raise ConversionError(
                    f"{name} needs {op.opcode} for layer {layer!r}, which TensorFlow Lite Micro does not have; build "
                    "that layer of other operators, or choose another network."
                )
    check_number_types(graph, name)
