"""The reader of .tflite files on files built by hand with the schema, and on damaged ones."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import TfliteFileError
from tfkws.graphs.tflite_parser import parse_tflite


def tensor(name: str, shape: tuple[int, ...], buffer: int = 0, dtype: int = schema.TensorType.FLOAT32) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.buffer, made.type = name, np.array(shape, np.int32), buffer, dtype
    return made


def buffer(values: np.ndarray | None = None) -> Any:
    made = schema.BufferT()
    if values is not None:
        made.data = np.frombuffer(np.asarray(values).tobytes(), np.uint8)
    return made


def conv_model(old_code: bool = True, new_code: bool = True) -> Any:
    """One convolution: 1 x 4 x 4 x 1 input, two 3 x 3 filters of ones, stride 2 x 1, ReLU."""
    code, op, options = schema.OperatorCodeT(), schema.OperatorT(), schema.Conv2DOptionsT()
    code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D if old_code else 0
    code.builtinCode = schema.BuiltinOperator.CONV_2D if new_code else 0
    options.strideH, options.strideW, options.dilationHFactor, options.dilationWFactor = 2, 1, 1, 1
    options.padding, options.fusedActivationFunction = schema.Padding.SAME, schema.ActivationFunctionType.RELU
    op.opcodeIndex, op.inputs, op.outputs = 0, np.array([0, 1, -1], np.int32), np.array([2], np.int32)
    op.builtinOptionsType, op.builtinOptions = schema.BuiltinOptions.Conv2DOptions, options
    graph = schema.SubGraphT()
    graph.tensors = [tensor("x", (1, 4, 4, 1)), tensor("w", (2, 3, 3, 1), 1), tensor("y", (1, 2, 4, 2))]
    graph.operators, graph.inputs, graph.outputs = [op], np.array([0], np.int32), np.array([2], np.int32)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [buffer(), buffer(np.ones(18, np.float32))]
    return model


def pack(model: Any) -> bytes:
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_reads_operator_options_and_tensors() -> None:
    content = pack(conv_model())
    graph = parse_tflite(content)
    (op,) = graph.ops
    assert (op.opcode, op.inputs, op.outputs) == ("CONV_2D", (0, 1, -1), (2,))
    expected = {"stride_h": 2, "stride_w": 1, "padding": "same", "fused_activation_function": "relu"}
    assert {name: op.options[name] for name in expected} == expected
    assert op.options["dilation_h_factor"] == 1
    weights = graph.tensors[1]
    assert (weights.name, weights.shape, weights.dtype, weights.is_constant) == ("w", (2, 3, 3, 1), "float32", True)
    assert weights.size_bytes == 72
    first, last = weights.data_range
    assert np.frombuffer(content[first:last], np.float32).tolist() == [1.0] * 18
    assert (graph.inputs, graph.outputs) == ((0,), (2,))
    assert not graph.tensors[0].is_constant
    assert graph.consumers(1) == (op,)


@pytest.mark.parametrize(("old", "new"), [(True, True), (True, False)])
def test_old_files_have_the_one_byte_operator_code_only(old: bool, new: bool) -> None:
    assert parse_tflite(pack(conv_model(old, new))).ops[0].opcode == "CONV_2D"


def test_codes_above_the_old_range_are_read_from_the_new_field() -> None:
    model = conv_model()
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.GELU
    assert parse_tflite(pack(model)).ops[0].opcode == "GELU"


def test_custom_operators_are_named() -> None:
    model = conv_model()
    code = model.operatorCodes[0]
    code.deprecatedBuiltinCode = code.builtinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = "Strange"
    assert parse_tflite(pack(model)).ops[0].opcode == "CUSTOM:Strange"


def broken(change: Callable[[Any, Any], None]) -> bytes:
    model = conv_model()
    change(model, model.subgraphs[0])
    return pack(model)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no TFL3 identifier"),
        (b"\x00" * 64, "no TFL3 identifier"),
        (broken(lambda m, g: setattr(m, "subgraphs", [])), "no subgraph"),
        (broken(lambda m, g: setattr(g, "operators", [])), "no operators"),
        (broken(lambda m, g: setattr(g, "inputs", np.array([7], np.int32))), "tensor that it does not have"),
        (broken(lambda m, g: setattr(g.operators[0], "outputs", np.array([-1], np.int32))), "does not have"),
        (broken(lambda m, g: setattr(g.operators[0], "opcodeIndex", 9)), "damaged"),
        (broken(lambda m, g: setattr(g.tensors[0], "buffer", 9)), "damaged"),
        (broken(lambda m, g: setattr(g.tensors[0], "shape", np.array([1 << 30, 1 << 30], np.int32))), "shape"),
        (broken(lambda m, g: setattr(g.tensors[0], "shape", np.array([-4], np.int32))), "shape"),
        (broken(lambda m, g: setattr(g.tensors[1], "shape", np.array([5], np.int32))), "stores 72 bytes"),
    ],
)
def test_damage_is_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(TfliteFileError, match=reason) as caught:
        parse_tflite(content)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused_or_read() -> None:
    content = pack(conv_model())
    refused = 0
    for length in range(len(content)):
        try:
            parse_tflite(content[:length])
        except TfliteFileError:
            refused += 1
    assert refused > 0.9 * len(content)  # the last bytes are padding and names


def test_mutations_never_crash_or_hang() -> None:
    content, draw = pack(conv_model()), random.Random(1)
    started, refused = time.monotonic(), 0
    for _ in range(2_000):
        changed = bytearray(content)
        for _ in range(draw.choice((1, 1, 4, 16))):
            changed[draw.randrange(len(changed))] = draw.choice((0, 1, 127, 128, 255, draw.randrange(256)))
        try:
            parse_tflite(bytes(changed))
        except TfliteFileError:
            refused += 1
    assert 0 < refused < 2_000
    assert time.monotonic() - started < 30


def test_a_file_that_states_more_elements_than_it_holds_is_refused_at_once() -> None:
    model = conv_model()
    content = bytearray(pack(model))
    shape = np.array([1, 4, 4, 1], np.int32).tobytes()
    position = bytes(content).index(shape) - 4
    content[position : position + 4] = (1 << 30).to_bytes(4, "little")
    started = time.monotonic()
    with pytest.raises(TfliteFileError, match="more elements than it can hold"):
        parse_tflite(bytes(content))
    assert time.monotonic() - started < 1


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="does not exist"):
        parse_tflite(tmp_path / "a.tflite")
