"""One model an operator, cut out of a larger one; `tfkws.tflite.profile.time_operators` times them."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.tflite import TfliteGraph, TfliteOp, read_graph
from tfkws.tflite.file.editing import pack, unpack

FLOAT32 = schema.TensorType.FLOAT32


def submodel(content: bytes, op_index: int) -> bytes:
    """Cut one operator out of a model, with its constants; its other inputs become the inputs.

    Half-precision weights come with the operator that unpacks them, because runtimes do that once, when they load.

    Raises:
        TfliteFileError: the file is damaged.
    """
    return next(submodels(content, [op_index]))


def submodels(content: bytes, op_indices: Sequence[int]) -> Iterator[bytes]:
    """Cut several operators out, one model each; the file is read once.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph = read_graph(content)
    whole = unpack(content)
    for index in op_indices:
        yield pack(_cut(whole, graph, graph.ops[index]))


def _cut(whole: Any, graph: TfliteGraph, op: TfliteOp) -> Any:
    """A model of one operator that holds its own tensors and constants and no others."""
    unpackers = [
        other for other in graph.ops
        if other.opcode == "DEQUANTIZE" and graph.tensors[other.inputs[0]].is_constant and other.outputs[0] in op.inputs
    ]  # fmt: skip
    ops = (*unpackers, op)
    kept = list(dict.fromkeys(i for other in ops for i in (*other.inputs, *other.outputs) if i >= 0))
    number = {old: new for new, old in enumerate(kept)} | {-1: -1}
    fixed = {other.outputs[0] for other in unpackers} | {i for i in kept if graph.tensors[i].is_constant}
    model, main, old = copy.copy(whole), copy.copy(whole.subgraphs[0]), whole.subgraphs[0]
    main.tensors = [copy.copy(old.tensors[i]) for i in kept]
    model.buffers = [schema.BufferT(), *(whole.buffers[tensor.buffer] for tensor in main.tensors)]
    for position, tensor in enumerate(main.tensors):
        tensor.buffer = position + 1
    main.operators = [_renumbered(old.operators[other.index], other, number) for other in ops]
    main.inputs = _numbers(number[i] for i in dict.fromkeys(op.inputs) if i >= 0 and i not in fixed)
    main.outputs = _numbers(number[i] for i in op.outputs)
    model.subgraphs, model.signatureDefs, model.metadata, model.metadataBuffer = [main], [], [], []
    return model


def _renumbered(operator: Any, op: TfliteOp, number: dict[int, int]) -> Any:
    changed = copy.copy(operator)
    changed.inputs, changed.outputs = _numbers(number[i] for i in op.inputs), _numbers(number[i] for i in op.outputs)
    return changed


def _numbers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int32)


def null_model() -> bytes:
    """Return a model of one ABS on one number: what any one-operator model costs besides its operator."""
    model, graph, op, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ABS
    op.opcodeIndex, op.inputs, op.outputs = 0, np.array([0], np.int32), np.array([1], np.int32)
    graph.tensors, graph.operators = [_number("x"), _number("y")], [op]
    graph.inputs, graph.outputs = np.array([0], np.int32), np.array([1], np.int32)
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    return pack(model)


def _number(name: str) -> Any:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer, tensor.name = np.array([1], np.int32), FLOAT32, 0, name
    return tensor
