"""Tensors and operators as the schema's own objects, for rewriting a file."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.tflite.file.tflite_file import ModelEditor, operator_code


def add_tensor(
    graph: Any, name: str, number_type: int, shape: Sequence[int], quantization: Any = None, buffer: int = 0
) -> int:
    """Add a tensor to a `schema.SubGraphT`; return its number.

    Args:
        number_type: a value of `schema.TensorType`.
        shape: with the batch; int.
        quantization: a `schema.QuantizationParametersT`; None for none.
        buffer: number of its constant's buffer; 0 for values of a run.
    """
    tensor = schema.TensorT()
    tensor.name, tensor.type, tensor.shape = name, number_type, np.array(shape, np.int32)
    tensor.quantization, tensor.buffer, tensor.hasRank = quantization, buffer, True
    graph.tensors = [*graph.tensors, tensor]
    return len(graph.tensors) - 1


def quantization(scale: float, zero_point: int) -> Any:
    """Return a `schema.QuantizationParametersT`: real = scale * (stored - zero_point)."""
    parameters = schema.QuantizationParametersT()
    parameters.scale = np.array([scale], np.float32)
    parameters.zeroPoint = np.array([zero_point], np.int64)
    return parameters


def operator(
    editor: ModelEditor,
    builtin: int,
    inputs: Sequence[int],
    outputs: Sequence[int],
    version: int = 1,
    options: tuple[int, Any] = (0, None),
) -> Any:
    """Return a `schema.OperatorT` whose code the file holds; it stands in no subgraph yet.

    Args:
        builtin: a value of `schema.BuiltinOperator`, at a version.
        inputs, outputs: numbers of tensors, int.
        options: a value of `schema.BuiltinOptions`, and the table of that type.
    """
    made = schema.OperatorT()
    made.opcodeIndex = editor.operator_code(operator_code(builtin, version))
    made.inputs, made.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
    made.builtinOptionsType, made.builtinOptions = options
    return made
