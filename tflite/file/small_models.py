"""Models of one purpose, built by the schema: a large 1 x 1 convolution, and a chain of operators without work."""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.tflite.file.flatbuffer import pack

_TYPES = {
    "float32": (schema.TensorType.FLOAT32, np.float32),
    "int8": (schema.TensorType.INT8, np.int8),
    "int32": (schema.TensorType.INT32, np.int32),
    "float16": (schema.TensorType.FLOAT16, np.float16),
    "int16": (schema.TensorType.INT16, np.int16),
    "int64": (schema.TensorType.INT64, np.int64),
    "uint8": (schema.TensorType.UINT8, np.uint8),
    "bool": (schema.TensorType.BOOL, np.bool_),
}


def pointwise_convolution(number_type: str, side: int, channels: int, stride: int = 1) -> bytes:
    """A 1 x 1 convolution of a (side, side, channels) map to as many channels, in float32 or int8."""
    rng = np.random.default_rng(0)
    build = ModelBuilder()
    shape = (1, side, side, channels)
    scales: tuple[float, ...] = ()
    constants: list[tuple[str, np.ndarray, tuple[float, ...]]]
    if number_type == "float32":
        weights = rng.normal(size=(channels, 1, 1, channels)).astype(np.float32)
        constants = [("float32", weights, ()), ("float32", np.zeros(channels, np.float32), ())]
    else:
        weights = rng.integers(-127, 128, (channels, 1, 1, channels)).astype(np.int8)
        each, scales = (0.01,) * channels, (0.05,)
        constants = [("int8", weights, each), ("int32", np.zeros(channels, np.int32), tuple(0.05 * s for s in each))]
    first = build.tensor("x", number_type, shape, scales)
    inputs = [first, *(build.constant(f"c{i}", *constant) for i, constant in enumerate(constants))]
    answered = -(-side // stride)
    last = build.tensor("y", number_type, (1, answered, answered, channels), scales)
    options = schema.Conv2DOptionsT()
    options.dilationHFactor = options.dilationWFactor = 1
    options.strideH = options.strideW = stride
    build.operator(schema.BuiltinOperator.CONV_2D, inputs, [last], schema.BuiltinOptions.Conv2DOptions, options)
    return build.finish([first], [last])


def chain(operators: int) -> bytes:
    """Return the bytes of a file that holds a chain of ABS on one number.

    Its time shows what operators cost besides their work.
    """
    build = ModelBuilder()
    tensors = [build.tensor(f"t{i}", "float32", (1,), ()) for i in range(operators + 1)]
    for position in range(operators):
        build.operator(schema.BuiltinOperator.ABS, [tensors[position]], [tensors[position + 1]])
    return build.finish([tensors[0]], [tensors[-1]])


class ModelBuilder:
    """The parts of a model with one subgraph, one after the other; `finish` packs them into the bytes of a file."""

    def __init__(self) -> None:
        self.graph, self.model = schema.SubGraphT(), schema.ModelT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.version, self.model.buffers, self.model.operatorCodes = 3, [schema.BufferT()], []

    def tensor(self, name: str, number_type: str, shape: tuple[int, ...], scales: tuple[float, ...]) -> int:
        """Add a tensor; several scales are one for each index of its first dimension."""
        tensor = schema.TensorT()
        tensor.name, tensor.type, tensor.buffer = name, _TYPES[number_type][0], 0
        tensor.shape = np.array(shape, np.int32)
        if scales:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = np.array(scales, np.float32)
            tensor.quantization.zeroPoint = np.zeros(len(scales), np.int64)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def constant(self, name: str, number_type: str, values: np.ndarray, scales: tuple[float, ...]) -> int:
        """Add a tensor with values."""
        index = self.tensor(name, number_type, values.shape, scales)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        self.graph.tensors[index].buffer = len(self.model.buffers) - 1
        return index

    def operator(
        self, code: int, inputs: list[int], outputs: list[int], options_type: int = 0, options: Any = None
    ) -> None:
        """Add an operator."""
        codes = [known.builtinCode for known in self.model.operatorCodes]
        if code not in codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = 3 if code == schema.BuiltinOperator.CONV_2D else 1  # 3: one scale a filter
            self.model.operatorCodes.append(entry)
            codes.append(code)
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = (
            codes.index(code),
            np.array(inputs, np.int32),
            np.array(outputs, np.int32),
        )
        op.builtinOptionsType, op.builtinOptions = options_type, options
        self.graph.operators.append(op)

    def finish(self, inputs: list[int], outputs: list[int]) -> bytes:
        """Pack the model."""
        self.graph.inputs, self.graph.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        self.model.subgraphs = [self.graph]
        return pack(self.model)
