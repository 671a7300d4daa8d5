"""One sub-model an operator, timed in turns: resolves operators below a microsecond, on any runtime."""

import copy
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import BenchmarkError
from tfkws.graphs.tflite import TfliteGraph, TfliteOp, read_graph
from tfkws.tflite.file.editing import pack, unpack
from tfkws.tflite.runtime.bare import fill_inputs
from tfkws.tflite.runtime.silence import quiet

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


def time_operators(
    content: bytes, indices: Sequence[int], threads: int = 1, kernels: str = "xnnpack", runs: int = 200
) -> dict[int, float]:
    """Time operators by themselves.

    Returns:
        Microseconds of each: median of its sub-model's runs less that of the null model, at least 0. An operator on
        constants alone counts 0, because runtimes compute it once, when they load.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the runtime refuses an operator by itself.
    """
    graph = read_graph(content)
    timed = [i for i in indices if not all(j < 0 or graph.tensors[j].is_constant for j in graph.ops[i].inputs)]
    try:
        with quiet():
            models = [null_model(), *submodels(content, timed)]
            times = _time_in_turns([_interpreter(model, threads, kernels) for model in models], runs)
    except (RuntimeError, ValueError) as error:
        raise BenchmarkError(f"An operator cannot be run by itself ({error}); use the other kernels.") from error
    medians = np.median(times, axis=1)
    measured = {index: max(0.0, float(time_us - medians[0])) for index, time_us in zip(timed, medians[1:], strict=True)}
    return dict.fromkeys(indices, 0.0) | measured


def _time_in_turns(interpreters: Sequence[Any], runs: int) -> np.ndarray:
    """Microseconds (models, runs); one run of each model after the other, so that all meet the same moments."""
    clock = time.perf_counter_ns
    times = np.empty((len(interpreters), runs))
    for run in range(-10, runs):
        for position, interpreter in enumerate(interpreters):
            started = clock()
            interpreter.invoke()
            times[position, max(run, 0)] = (clock() - started) / 1e3
    return times


def _interpreter(content: bytes, threads: int, kernels: str) -> Any:
    from ai_edge_litert import interpreter as litert

    settings: dict[str, Any] = {"num_threads": threads}
    if kernels == "builtin":
        settings["experimental_op_resolver_type"] = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = litert.Interpreter(model_content=content, **settings)
    interpreter.allocate_tensors()
    fill_inputs(interpreter)
    return interpreter


def _number(name: str) -> Any:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer, tensor.name = np.array([1], np.int32), FLOAT32, 0, name
    return tensor
