"""Print operator and number types that TensorFlow Lite Micro's interpreter runs, one pair a line; started as a process.

Each is tried in a child of its own. With `--why` those that it refuses are printed, with the reason.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tflite_micro import runtime

from tfkws.tflite.file.small_models import ModelBuilder

TYPES = ("float32", "float16", "int8", "uint8", "int16", "int32", "int64", "bool")
STORED = {name: np.dtype(name) for name in TYPES}
MAP = (1, 4, 4, 4)
SCALES = {"int8": (0.05,), "uint8": (0.05,), "int16": (0.001,)}
# What a kernel demands of its output's scale and zero point, by number type.
FIXED = {
    "LOGISTIC": {"int8": (1 / 256, -128), "int16": (1 / 32768, 0)},
    "SOFTMAX": {"int8": (1 / 256, -128), "int16": (1 / 32768, 0)},
    "LOG_SOFTMAX": {"int8": (16 / 256, 127)},
    "TANH": {"int8": (1 / 128, 0), "int16": (1 / 32768, 0)},
    "L2_NORMALIZATION": {"int8": (1 / 128, 0)},
}
UNARY = {
    "ABS": "Abs", "CEIL": "", "COS": "Cos", "ELU": "", "EXP": "Exp", "FLOOR": "", "HARD_SWISH": "HardSwish",
    "L2_NORMALIZATION": "L2Norm", "LEAKY_RELU": "LeakyRelu", "LOG": "", "LOGICAL_NOT": "LogicalNot", "LOGISTIC": "",
    "LOG_SOFTMAX": "LogSoftmax", "NEG": "Neg", "RELU": "", "RELU6": "", "ROUND": "", "RSQRT": "", "SIN": "",
    "SOFTMAX": "Softmax", "SQRT": "", "SQUARE": "Square", "TANH": "", "ZEROS_LIKE": "ZerosLike",
}  # fmt: skip
BINARY = {
    "ADD": "Add", "ADD_N": "AddN", "DIV": "Div", "FLOOR_DIV": "FloorDiv", "FLOOR_MOD": "FloorMod",
    "LOGICAL_AND": "LogicalAnd", "LOGICAL_OR": "LogicalOr", "MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum",
    "MUL": "Mul", "PRELU": "", "SQUARED_DIFFERENCE": "SquaredDifference", "SUB": "Sub",
}  # fmt: skip
COMPARING = {
    "EQUAL": "Equal", "GREATER": "Greater", "GREATER_EQUAL": "GreaterEqual", "LESS": "Less",
    "LESS_EQUAL": "LessEqual", "NOT_EQUAL": "NotEqual",
}  # fmt: skip
WEIGHED = (
    ("float32", "float32", "float32"), ("float32", "int8", "float32"), ("float32", "float16", "float32"),
    ("int8", "int8", "int32"), ("int16", "int8", "int64"), ("int16", "int16", "int64"), ("uint8", "uint8", "int32"),
)  # fmt: skip


def pair(taken: str, given: str) -> str:
    """Return two number types as the table writes them."""
    return taken if taken == given else f"{taken}>{given}"


class Case:
    """One operator in a file of its own."""

    def __init__(self) -> None:
        self.build = ModelBuilder()

    def tensor(self, kind: str, shape: Sequence[int] = MAP, scale: tuple[float, int] | None = None) -> int:
        """Add a map with a scale, where its type has one."""
        index = self.build.tensor(f"t{len(self.build.graph.tensors)}", kind, tuple(shape), SCALES.get(kind, ()))
        if scale:
            parameters = self.build.graph.tensors[index].quantization = schema.QuantizationParametersT()
            parameters.scale, parameters.zeroPoint = np.array([scale[0]], np.float32), np.array([scale[1]], np.int64)
        return index

    def numbers(self, values: Any, kind: str = "int32", scales: tuple[float, ...] = ()) -> int:
        """Add a constant."""
        stored = np.asarray(values).astype(STORED[kind])
        return self.build.constant(f"t{len(self.build.graph.tensors)}", kind, stored, scales)

    def finish(self, operator: str, inputs: list[int], outputs: list[int], options: str = "", **values: Any) -> bytes:
        """Return the file's bytes; inputs that are no constants are those of the file."""
        kind, made = 0, None
        if options:
            kind, made = getattr(schema.BuiltinOptions, f"{options}Options"), getattr(schema, f"{options}OptionsT")()
            for name, value in values.items():
                setattr(made, name, value)
        code = getattr(schema.BuiltinOperator, operator)
        self.build.operator(code, inputs, outputs, kind, made)
        self.build.model.operatorCodes[0].deprecatedBuiltinCode = min(code, 127)
        fed = [index for index in inputs if index >= 0 and not self.build.graph.tensors[index].buffer]
        return self.build.finish(fed, outputs)


def elementwise() -> Iterator[tuple[str, str, bytes]]:
    """Operators of one map, or of two of the same type."""
    for kind in TYPES:
        for name, options in (UNARY | BINARY | COMPARING).items():
            case, given = Case(), "bool" if name in COMPARING else kind
            ones = [] if name in UNARY else [case.numbers(np.ones(MAP), kind, SCALES.get(kind, ()))]
            inputs = [case.tensor(kind), *ones]
            output = case.tensor(given, MAP, FIXED.get(name, {}).get(kind))
            values = {"beta": 1.0} if name == "SOFTMAX" else {"alpha": 0.1} if name == "LEAKY_RELU" else {}
            yield (
                name,
                kind if given == kind else f"{kind}>{given}",
                case.finish(name, inputs, [output], options, **values),
            )


def weighed() -> Iterator[tuple[str, str, bytes]]:
    """Convolutions and dense layers."""
    for kind, weight, bias in WEIGHED:
        scales = (0.05,) * 4 if weight in ("int8", "int16", "uint8") else ()
        for name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL"):
            case = Case()
            data = case.tensor(kind, (1, 4) if name == "FULLY_CONNECTED" else MAP)
            shape = {"FULLY_CONNECTED": (4, 4), "DEPTHWISE_CONV_2D": (1, 1, 1, 4), "BATCH_MATMUL": MAP}.get(
                name, (4, 1, 1, 4)
            )
            own = scales if name in ("CONV_2D", "TRANSPOSE_CONV", "DEPTHWISE_CONV_2D") else scales[:1]
            weights = case.numbers(np.ones(shape), weight, own)
            if own and name == "DEPTHWISE_CONV_2D":
                case.build.graph.tensors[weights].quantization.quantizedDimension = 3
            biases = case.numbers(np.zeros(4), bias, tuple(SCALES.get(kind, (1.0,))[0] * 0.05 for _ in own))
            output = case.tensor(kind, (1, 4) if name == "FULLY_CONNECTED" else MAP)
            stride = {"strideH": 1, "strideW": 1}
            dilated = stride | {"dilationHFactor": 1, "dilationWFactor": 1}
            if name == "TRANSPOSE_CONV":
                inputs, values = [case.numbers(MAP), weights, data, biases], ("TransposeConv", stride)
            else:
                inputs = [data, weights] + ([biases] if name != "BATCH_MATMUL" else [])
                values = {
                    "CONV_2D": ("Conv2D", dilated),
                    "DEPTHWISE_CONV_2D": ("DepthwiseConv2D", dilated | {"depthMultiplier": 1}),
                    "FULLY_CONNECTED": ("FullyConnected", {}),
                    "BATCH_MATMUL": ("BatchMatMul", {}),
                }[name]
            yield name, f"{kind}*{weight}", case.finish(name, inputs, [output], values[0], **values[1])


def reducing() -> Iterator[tuple[str, str, bytes]]:
    """Pools, means and largest values."""
    for kind in TYPES:
        for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"):
            case = Case()
            values = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
            inputs, outputs = [case.tensor(kind)], [case.tensor(kind, (1, 2, 2, 4))]
            yield name, kind, case.finish(name, inputs, outputs, "Pool2D", **values)
        for name in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ALL"):
            case = Case()
            inputs, outputs = [case.tensor(kind), case.numbers([1, 2])], [case.tensor(kind, (1, 4))]
            yield name, kind, case.finish(name, inputs, outputs, "Reducer")
        for name, options in (("ARG_MAX", "ArgMax"), ("ARG_MIN", "ArgMin")):
            for given in ("int32", "int64"):
                case = Case()
                inputs, outputs = [case.tensor(kind), case.numbers([3])], [case.tensor(given, (1, 4, 4))]
                told, number = pair(kind, given), getattr(schema.TensorType, given.upper())
                yield name, told, case.finish(name, inputs, outputs, options, outputType=number)


def moving() -> Iterator[tuple[str, str, bytes]]:
    """Operators that move values without changing them."""
    for kind in TYPES:
        pads, wide = [[0, 0], [1, 1], [0, 0], [0, 0]], (1, 6, 4, 4)
        plans: tuple[tuple[str, list[Any], tuple[int, ...], str, dict[str, Any]], ...] = (
            ("RESHAPE", [[1, 64]], (1, 64), "Reshape", {"newShape": [1, 64]}),
            ("TRANSPOSE", [[0, 2, 1, 3]], MAP, "Transpose", {}),
            ("PAD", [pads], wide, "Pad", {}),
            ("MIRROR_PAD", [pads], wide, "MirrorPad", {}),
            ("SLICE", [[0, 1, 0, 0], [1, 2, 4, 4]], (1, 2, 4, 4), "Slice", {}),
            ("STRIDED_SLICE", [[0, 1, 0, 0], [1, 3, 4, 4], [1, 1, 1, 1]], (1, 2, 4, 4), "StridedSlice", {}),
            ("GATHER", [[1, 2]], (1, 2, 4, 4), "Gather", {"axis": 1}),
            ("GATHER_ND", [[[0, 1]]], (1, 4, 4), "GatherNd", {}),
            ("EXPAND_DIMS", [[1]], (1, 1, 4, 4, 4), "ExpandDims", {}),
            ("SPACE_TO_BATCH_ND", [[2, 2], [[0, 0], [0, 0]]], (4, 2, 2, 4), "SpaceToBatchND", {}),
            ("BROADCAST_TO", [[2, 4, 4, 4]], (2, 4, 4, 4), "BroadcastTo", {}),
            ("REVERSE_V2", [[1]], MAP, "ReverseV2", {}),
            ("SPACE_TO_DEPTH", [], (1, 2, 2, 16), "SpaceToDepth", {"blockSize": 2}),
            ("DEPTH_TO_SPACE", [], (1, 8, 8, 1), "DepthToSpace", {"blockSize": 2}),
            ("RESIZE_BILINEAR", [[8, 8]], (1, 8, 8, 4), "ResizeBilinear", {}),
            ("RESIZE_NEAREST_NEIGHBOR", [[8, 8]], (1, 8, 8, 4), "ResizeNearestNeighbor", {}),
            ("CUMSUM", [1], MAP, "Cumsum", {}),
        )  # fmt: skip
        for name, constants, shape, options, values in plans:
            case = Case()
            inputs = [case.tensor(kind), *(case.numbers(each) for each in constants)]
            yield name, kind, case.finish(name, inputs, [case.tensor(kind, shape)], options, **values)
        yield from _joining(kind)


def _joining(kind: str) -> Iterator[tuple[str, str, bytes]]:
    case = Case()
    outputs = [case.tensor(kind, (1, 8, 4, 4))]
    yield (
        "CONCATENATION",
        kind,
        case.finish("CONCATENATION", [case.tensor(kind), case.tensor(kind)], outputs, "Concatenation", axis=1),
    )
    case = Case()
    pair = [case.tensor(kind), case.tensor(kind)]
    yield "PACK", kind, case.finish("PACK", pair, [case.tensor(kind, (2, *MAP))], "Pack", axis=0, valuesCount=2)
    case = Case()
    parts = [case.tensor(kind, (1, 4, 4)) for _ in range(4)]
    yield "UNPACK", kind, case.finish("UNPACK", [case.tensor(kind)], parts, "Unpack", axis=1, num=4)
    case = Case()
    halves = [case.tensor(kind, (1, 2, 4, 4)) for _ in range(2)]
    yield "SPLIT", kind, case.finish("SPLIT", [case.numbers([1]), case.tensor(kind)], halves, "Split", numSplits=2)
    case = Case()
    halves = [case.tensor(kind, (1, 2, 4, 4)) for _ in range(2)]
    inputs = [case.tensor(kind), case.numbers([2, 2]), case.numbers([1])]
    yield "SPLIT_V", kind, case.finish("SPLIT_V", inputs, halves, "SplitV", numSplits=2)
    case = Case()
    yield (
        "SQUEEZE",
        kind,
        case.finish("SQUEEZE", [case.tensor(kind)], [case.tensor(kind, MAP[1:])], "Squeeze", squeezeDims=[0]),
    )
    case = Case()
    inputs = [case.tensor("bool"), case.tensor(kind), case.tensor(kind)]
    yield "SELECT_V2", kind, case.finish("SELECT_V2", inputs, [case.tensor(kind)], "SelectV2")


def converting() -> Iterator[tuple[str, str, bytes]]:
    """Operators from one number type to another."""
    for kind in TYPES:
        for given in TYPES:
            for name, options in (("QUANTIZE", "Quantize"), ("DEQUANTIZE", "Dequantize"), ("CAST", "Cast")):
                case, one = Case(), (0.05, 0)
                scaled = name != "CAST" and kind not in ("float32", "float16", "bool")
                written = name == "QUANTIZE" and given not in ("float32", "float16", "bool")
                inputs, outputs = (
                    [case.tensor(kind, MAP, one if scaled else None)],
                    [case.tensor(given, MAP, one if written else None)],
                )
                yield name, pair(kind, given), case.finish(name, inputs, outputs, options)


def cases() -> Iterator[tuple[str, str, bytes]]:
    """Every operator and number type that is tried: names as in the table, and a file."""
    for group in (elementwise, weighed, reducing, moving, converting):
        yield from group()


def refusal_of(content: bytes) -> str:
    """Return why a file does not run; empty where it does."""
    with tempfile.TemporaryFile() as log:
        child = os.fork()
        if child == 0:
            os.dup2(log.fileno(), 2)
            status = 1
            try:
                interpreter = runtime.Interpreter.from_bytes(content, arena_size=1 << 16)
                details = interpreter.get_input_details(0)
                interpreter.set_input(np.ones(details["shape"], details["dtype"]), 0)
                interpreter.invoke()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        log.seek(0)
        said = log.read().decode(errors="replace").split("\n")
        return "" if status == 0 else f"{status}: {said[0]}"


if __name__ == "__main__":
    for operator, told, content in cases():
        why = refusal_of(content)
        if not why:
            print(operator, told)
        elif "--why" in sys.argv:
            print("#", operator, told, why)
