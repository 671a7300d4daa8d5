"""Odd .tflite files that no converter of today writes, put together by the schema."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.tflite.file.flatbuffer import pack, unpack
from tfkws.tflite.file.small_models import ModelBuilder, chain

TIME, BANDS, UNITS = 12, 6, 4
Builtin, Options = schema.BuiltinOperator, schema.BuiltinOptions


def fused_lstm() -> bytes:
    """One UNIDIRECTIONAL_SEQUENCE_LSTM over (1, TIME, BANDS), as Keras 2 and microcontroller projects have it."""
    build = ModelBuilder()
    first = build.tensor("frames", "float32", (1, TIME, BANDS), ())
    weights = [_constant(build, (UNITS, BANDS)) for _ in range(4)] + [
        _constant(build, (UNITS, UNITS)) for _ in range(4)
    ]
    biases = [_constant(build, (UNITS,)) for _ in range(4)]
    states = [_state(build, (1, UNITS)) for _ in range(2)]
    last = build.tensor("hidden", "float32", (1, TIME, UNITS), ())
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction = schema.ActivationFunctionType.TANH
    inputs = [first, *weights, -1, -1, -1, *biases, -1, -1, *states, -1, -1, -1, -1]
    kind = Options.UnidirectionalSequenceLSTMOptions
    build.operator(Builtin.UNIDIRECTIONAL_SEQUENCE_LSTM, inputs, [last], kind, options)
    return build.finish([first], [last])


def fused_rnn() -> bytes:
    """One UNIDIRECTIONAL_SEQUENCE_RNN over (1, TIME, BANDS)."""
    build = ModelBuilder()
    first = build.tensor("frames", "float32", (1, TIME, BANDS), ())
    last = build.tensor("hidden", "float32", (1, TIME, UNITS), ())
    constants = [_constant(build, shape) for shape in ((UNITS, BANDS), (UNITS, UNITS), (UNITS,))]
    options = schema.SequenceRNNOptionsT()
    options.fusedActivationFunction = schema.ActivationFunctionType.TANH
    inputs = [first, *constants, _state(build, (1, UNITS))]
    build.operator(Builtin.UNIDIRECTIONAL_SEQUENCE_RNN, inputs, [last], Options.SequenceRNNOptions, options)
    return build.finish([first], [last])


def svdf() -> bytes:
    """One SVDF of rank 2 with a memory of ten frames, as Google's small keyword networks have it."""
    build, rank, memory = ModelBuilder(), 2, 10
    filters = UNITS * rank
    first = build.tensor("frame", "float32", (1, BANDS), ())
    last = build.tensor("hidden", "float32", (1, UNITS), ())
    constants = [_constant(build, shape) for shape in ((filters, BANDS), (filters, memory), (UNITS,))]
    options = schema.SVDFOptionsT()
    options.rank, options.fusedActivationFunction = rank, schema.ActivationFunctionType.RELU
    state = _state(build, (1, memory * filters))
    build.operator(Builtin.SVDF, [first, *constants, state], [last], Options.SVDFOptions, options)
    return build.finish([first], [last])


def custom_operator() -> bytes:
    """A chain of two operators, the second a custom one that no runtime has."""
    model = unpack(chain(2))
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = Builtin.CUSTOM
    code.customCode, code.version = "StrangeOperator", 1
    model.operatorCodes.append(code)
    model.subgraphs[0].operators[1].opcodeIndex = 1
    return pack(model)


def no_quantisation() -> bytes:
    """Integers of eight bits without scale or zero point, moved about."""
    build = ModelBuilder()
    first, last = build.tensor("x", "int8", (1, TIME, BANDS), ()), build.tensor("y", "int8", (1, TIME * BANDS), ())
    shape = build.constant("shape", "int32", np.array([1, TIME * BANDS], np.int32), ())
    options = schema.ReshapeOptionsT()
    options.newShape = [1, TIME * BANDS]
    build.operator(Builtin.RESHAPE, [first, shape], [last], Options.ReshapeOptions, options)
    return build.finish([first], [last])


def no_operators() -> bytes:
    """A file that gives back what it takes."""
    build = ModelBuilder()
    only = build.tensor("x", "float32", (1, BANDS), ())
    return build.finish([only], [only])


def scalars() -> bytes:
    """Two numbers without any axis, added."""
    build = ModelBuilder()
    tensors = [build.tensor(name, "float32", (), ()) for name in ("a", "b", "sum")]
    build.operator(Builtin.ADD, tensors[:2], tensors[2:], Options.AddOptions, schema.AddOptionsT())
    return build.finish(tensors[:2], tensors[2:])


def unnamed() -> bytes:
    """A chain of two operators whose tensors, subgraph and signature have no names."""
    model = unpack(chain(2))
    for tensor in model.subgraphs[0].tensors:
        tensor.name = None
    return pack(model)


def _constant(build: ModelBuilder, shape: Sequence[int]) -> int:
    values = np.random.default_rng(len(build.graph.tensors)).normal(size=shape).astype(np.float32)
    return build.constant(f"c{len(build.graph.tensors)}", "float32", values, ())


def _state(build: ModelBuilder, shape: tuple[int, ...]) -> int:
    """A variable tensor, which keeps its value from one run to the next."""
    index = build.tensor(f"state{len(build.graph.tensors)}", "float32", shape, ())
    tensor: Any = build.graph.tensors[index]
    tensor.isVariable = True
    return index


SCHEMA_FILES: dict[str, Callable[[], bytes]] = {
    "fused_lstm": fused_lstm,
    "fused_rnn": fused_rnn,
    "svdf": svdf,
    "custom_operator": custom_operator,
    "no_quantisation": no_quantisation,
    "no_operators": no_operators,
    "scalars": scalars,
    "unnamed": unnamed,
}
