"""One sub-model an operator, timed in turns: resolves operators below a microsecond, on any runtime."""

import time
from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.cost.tflite_graph import IDENTIFIER, read_graph
from tfkws.errors import BenchmarkError
from tfkws.tflite.bare_runtime import fill_inputs
from tfkws.tflite.quiet import quiet

FLOAT32 = schema.TensorType.FLOAT32


def submodel(content: bytes, op_index: int) -> bytes:
    """Cut one operator out of a model, with its constants; its other inputs become the inputs.

    Half-precision weights come with the operator that unpacks them, because runtimes do that once, when they load.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph = read_graph(content)
    op = graph.ops[op_index]
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    main = model.subgraphs[0]
    unpackers = [
        other for other in graph.ops
        if other.opcode == "DEQUANTIZE" and graph.tensors[other.inputs[0]].is_constant and other.outputs[0] in op.inputs
    ]  # fmt: skip
    main.operators = [main.operators[other.index] for other in (*unpackers, op)]
    fixed = {other.outputs[0] for other in unpackers} | {t.index for t in graph.tensors if t.is_constant}
    variable = [i for i in dict.fromkeys(op.inputs) if i >= 0 and i not in fixed]
    main.inputs, main.outputs = np.array(variable, np.int32), np.array(op.outputs, np.int32)
    model.subgraphs, model.signatureDefs = [main], []
    return _pack(model)


def null_model() -> bytes:
    """Return a model of one ABS on one number: what any one-operator model costs besides its operator."""
    model, graph, op, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ABS
    op.opcodeIndex, op.inputs, op.outputs = 0, np.array([0], np.int32), np.array([1], np.int32)
    graph.tensors, graph.operators = [_number("x"), _number("y")], [op]
    graph.inputs, graph.outputs = np.array([0], np.int32), np.array([1], np.int32)
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    return _pack(model)


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
            models = [null_model(), *(submodel(content, index) for index in timed)]
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


def _pack(model: Any) -> bytes:
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
