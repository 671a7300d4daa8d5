"""One model an operator, cut out of a larger one; `tfkws.tflite.profile.time_operators` times them."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.flatbuffer import pack
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile

NULL_MODEL = chain(1)  # one operator on one number: what any one-operator model costs besides its operator


def submodel(file: TfliteFile, op_index: int) -> bytes:
    """Cut one operator out of a model, with its constants; its other inputs become the inputs.

    Half-precision weights come with the operator that unpacks them, because runtimes do that once, when they
    load.

    Raises:
        TfliteFileError: the file is damaged.
    """
    return next(submodels(file, [op_index]))


def submodels(file: TfliteFile, op_indices: Sequence[int]) -> Iterator[bytes]:
    """Cut several operators out, one model each, in the order asked for.

    Raises:
        TfliteFileError: the file is damaged.
    """
    whole = file.edit().model
    for index in op_indices:
        yield pack(_cut(whole, file.graph, file.graph.ops[index]))


def _cut(whole: Any, graph: TfliteGraph, op: TfliteOp) -> Any:
    """A model of one operator that holds its own tensors and constants and no others."""
    unpackers = [other for other in graph.ops if other.outputs[0] in op.inputs and other.outputs[0] in graph.stored]
    ops = (*unpackers, op)
    kept = list(dict.fromkeys(i for other in ops for i in (*other.inputs, *other.outputs) if i >= 0))
    number = {old: new for new, old in enumerate(kept)} | {-1: -1}
    fixed = {other.outputs[0] for other in unpackers} | {i for i in kept if graph.is_constant(i)}
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
