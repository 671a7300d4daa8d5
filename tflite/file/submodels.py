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
CALLS_SUBGRAPHS = frozenset({"WHILE", "IF", "CALL", "CALL_ONCE", "STABLEHLO_WHILE", "STABLEHLO_CASE"})


def submodel(file: TfliteFile, op_index: int, copies: int = 1) -> bytes:
    """Cut one operator out of a model, with its constants; its other inputs become the inputs.

    Half-precision weights come with the operator that unpacks them, because runtimes do that once, when they
    load. A variable or table comes with what makes and fills it, a loop with the subgraphs that it runs.

    Args:
        copies: how often the operator stands in the new model, on the same inputs.

    Raises:
        TfliteFileError: the file is damaged.
    """
    return next(submodels(file, [op_index], copies))


def submodels(file: TfliteFile, op_indices: Sequence[int], copies: int = 1) -> Iterator[bytes]:
    """Cut several operators out, one model each, in the order asked for; see `submodel`.

    Raises:
        TfliteFileError: the file is damaged.
    """
    for index in op_indices:
        yield pack(_cut(file.model, file.graph, file.graph.ops[index], copies))


def _cut(whole: Any, graph: TfliteGraph, op: TfliteOp, copies: int) -> Any:
    """A model of one operator that holds its own tensors and constants and no others."""
    old = whole.subgraphs[0]
    before = _needed_before(graph, op)
    kept = list(dict.fromkeys(i for other in (*before, op) for i in (*other.inputs, *other.outputs) if i >= 0))
    number = {old_number: new for new, old_number in enumerate(kept)} | {-1: -1}
    given = {i for other in before for i in other.outputs}
    given |= {i for i in kept if graph.is_constant(i) or old.tensors[i].isVariable}
    model, main = copy.copy(whole), copy.copy(old)
    main.tensors = [copy.copy(old.tensors[i]) for i in kept]
    main.operators = [_renumbered(old.operators[other.index], other, number) for other in (*before, op)]
    main.inputs = _numbers(number[i] for i in dict.fromkeys(op.inputs) if i >= 0 and i not in given)
    outputs = [number[i] for i in op.outputs]
    for _ in range(copies - 1):
        outputs += _add_copy(main, len(op.outputs))
    main.outputs = _numbers(outputs)
    model.signatureDefs, model.metadata, model.metadataBuffer = [], [], []
    if any(other.opcode in CALLS_SUBGRAPHS for other in (*before, op)):
        model.subgraphs = [main, *whole.subgraphs[1:]]
    else:
        _keep_own_buffers(model, main, whole.buffers)
    return model


def _needed_before(graph: TfliteGraph, op: TfliteOp) -> list[TfliteOp]:
    """Operators without which one cannot run by itself: they unpack its weights, make and fill its variables."""
    unpackers = [other for other in graph.ops if set(other.outputs) & set(op.inputs) & set(graph.stored)]
    resources = {i for i in op.inputs if i >= 0 and graph.tensors[i].dtype == "resource"}
    makers = [other for other in graph.ops if resources & set(other.outputs)]
    fillers = [other for other in graph.ops if resources and other.opcode == "CALL_ONCE"]
    return [*fillers, *makers, *unpackers]


def _add_copy(main: Any, outputs: int) -> list[int]:
    """Add the last operator once more, with outputs of its own; return their numbers."""
    last = main.operators[-1]
    again = copy.copy(last)
    first = len(main.tensors)
    main.tensors += [copy.copy(main.tensors[i]) for i in last.outputs]
    again.outputs = np.arange(first, first + outputs, dtype=np.int32)
    main.operators.append(again)
    return list(range(first, first + outputs))


def _keep_own_buffers(model: Any, main: Any, buffers: Sequence[Any]) -> None:
    """Leave the model only the constants that its one subgraph names."""
    model.buffers = [schema.BufferT(), *(buffers[tensor.buffer] for tensor in main.tensors)]
    for position, tensor in enumerate(main.tensors):
        tensor.buffer = position + 1
    model.subgraphs = [main]


def _renumbered(operator: Any, op: TfliteOp, number: dict[int, int]) -> Any:
    changed = copy.copy(operator)
    changed.inputs, changed.outputs = _numbers(number[i] for i in op.inputs), _numbers(number[i] for i in op.outputs)
    return changed


def _numbers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int32)
