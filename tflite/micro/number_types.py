"""The number types that each kernel of TensorFlow Lite Micro takes, for operators that have kernels of several types.

A type is that of the values that an operator reads: "int8". That of weights follows behind a star, "int16*int8"; that
of what it writes follows where it is another, "float32>int8". Operators that are not listed are left to the
interpreter. The tests hold the table against the package `tflite-micro`, whose interpreter is given every operator in
every type (`tests/fakes/micro_types.py`).
"""

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp

_TABLE = """
ABS AVERAGE_POOL_2D EXPAND_DIMS LEAKY_RELU LOGISTIC MAX_POOL_2D MEAN RELU RELU6 RESIZE_NEAREST_NEIGHBOR RSQRT
  SELECT_V2 SOFTMAX SUM TANH TRANSPOSE: float32 int8 int16
ADD MUL PAD SPLIT SPLIT_V SQUARED_DIFFERENCE SUB UNPACK: float32 int8 int16 int32
ADD_N CUMSUM DEPTH_TO_SPACE ELU GATHER GATHER_ND HARD_SWISH L2_NORMALIZATION LOG_SOFTMAX MIRROR_PAD PRELU REDUCE_MAX
  REDUCE_MIN RESIZE_BILINEAR SPACE_TO_BATCH_ND SPACE_TO_DEPTH: float32 int8
ARG_MAX ARG_MIN: float32>int32 int8>int32
BATCH_MATMUL: float32*float32 int8*int8 int16*int16
BROADCAST_TO LOGICAL_AND LOGICAL_OR RESHAPE SQUEEZE: float32 float16 int8 uint8 int16 int32 int64 bool
CAST: float32 float32>int8 float32>int16 float32>int32 float32>bool int8 int8>float32 int8>int16 int8>int32 int8>bool
  int16 int16>float32 int16>int8 int16>int32 int16>bool int32 int32>float32 int32>int8 int32>int16 int32>bool bool
  bool>float32 bool>int8 bool>int16 bool>int32
CEIL COS EXP FLOOR FLOOR_DIV FLOOR_MOD L2_POOL_2D LOG NEG ROUND SIN SQRT SQUARE: float32
CONCATENATION: float32 int8 int16 int32 int64 bool
CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV: float32*float32 int8*int8 int16*int8
DEQUANTIZE: int8>float32 uint8>float32 int16>float32
DIV: float32 int8 int32
EQUAL NOT_EQUAL: float32>bool int8>bool int32>bool int64>bool bool
GREATER: float32>bool int8>bool int16>bool int32>bool int64>bool
GREATER_EQUAL LESS LESS_EQUAL: float32>bool int8>bool int32>bool int64>bool
LOGICAL_NOT REDUCE_ALL: bool
MAXIMUM MINIMUM PACK: float32 int8 int16 int32 int64
QUANTIZE: float32>int8 float32>int16 int8 int8>uint8 int8>int16 int8>int32 uint8>int8 int16 int16>int8 int16>int32
  int32>int8 int32>int16
REVERSE_V2: float32 int8 uint8 int16 int32 int64 bool
SLICE STRIDED_SLICE: float32 int8 int16 int32 bool
ZEROS_LIKE: float32 int8 int32 int64
"""
# Of what is tried with the package; others, such as int4, are left to the interpreter.
TRIED = frozenset({"float32", "float16", "int8", "uint8", "int16", "int32", "int64", "bool"})
_WEIGHED = frozenset(("BATCH_MATMUL", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"))
_DATA_AT = {"SELECT_V2": 1, "SPLIT": 1, "TRANSPOSE_CONV": 2}


def _read(table: str) -> dict[str, frozenset[str]]:
    lines = table.strip().replace("\n  ", " ").splitlines()
    rows = (line.split(": ") for line in lines)
    return {name: frozenset(types.split()) for names, types in rows for name in names.split()}


NUMBER_TYPES = _read(_TABLE)


def types_of(op: TfliteOp, graph: TfliteGraph) -> str:
    """Return the number types of an operator as the table writes them."""
    data = graph.tensors[op.inputs[_DATA_AT.get(op.opcode, 0)]].dtype
    given = graph.written(op).dtype
    weights = f"*{graph.tensors[op.inputs[1]].dtype}" if op.opcode in _WEIGHED else ""
    return f"{data}{weights}{'' if given == data else f'>{given}'}"


def check_number_types(graph: TfliteGraph, name: str) -> None:
    """Refuse a file with an operator in a number type that its kernel in TensorFlow Lite Micro does not take.

    Args:
        name: of the file, for the message.

    Raises:
        ConversionError: there is one; the message names the layer, and the types that the kernel takes.
    """
    for part in graph.called:
        for op in part.ops:
            if op.opcode not in NUMBER_TYPES:
                continue
            types, taken = types_of(op, part), NUMBER_TYPES[op.opcode]
            if types not in taken and set(types.replace(">", "*").split("*")) <= TRIED:
                layer = part.layer_name(op)
                raise ConversionError(
                    f"{name}: TensorFlow Lite Micro refuses {op.opcode} of layer {layer!r} ({types}; its kernel takes "
                    f"{', '.join(sorted(taken))}); convert with another recipe, or build that layer of other operators."
                )
