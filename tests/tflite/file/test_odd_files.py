"""The zoo of odd files is what it says: the operators that each file is there for, and whether LiteRT runs it."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from odd_files import ODD_FILES, odd_file

NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
# What each file is there for: operators of all its subgraphs.
HOLDS = {
    "gru": "WHILE LOGICAL_AND GATHER SPLIT", "gru_unrolled": "UNPACK SPLIT", "lstm": "WHILE", "lstm_unrolled": "UNPACK",
    "bidirectional": "WHILE REVERSE_V2", "attention": "BATCH_MATMUL SQUARED_DIFFERENCE NEG RSQRT",
    "streaming": "CALL_ONCE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE", "front_end": "RFFT2D COMPLEX_ABS LOG GATHER",
    "while": "WHILE", "if": "IF", "hash_table": "CALL_ONCE HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT",
    "speech_commands": "CUSTOM", "dynamic_batch": "SHAPE PACK", "hybrid": "QUANTIZE CONV_2D DEQUANTIZE FULLY_CONNECTED",
    "fused_lstm": "UNIDIRECTIONAL_SEQUENCE_LSTM", "fused_rnn": "UNIDIRECTIONAL_SEQUENCE_RNN", "svdf": "SVDF",
    "custom_operator": "CUSTOM", "int8_float_edges": "QUANTIZE DEQUANTIZE", "float16": "DEQUANTIZE",
}  # fmt: skip
EDGES = {"int8": np.int8, "int16": np.int16, "uint8_edges": np.uint8, "no_quantisation": np.int8}


def model_of(name: str) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(odd_file(name), 0))


@pytest.mark.parametrize("name", HOLDS)
def test_file_holds_what_it_is_there_for(name: str) -> None:
    model = model_of(name)
    codes = [NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
    found = Counter(codes[op.opcodeIndex] for graph in model.subgraphs for op in graph.operators)
    assert set(HOLDS[name].split()) <= set(found)


@pytest.mark.parametrize("name", [name for name in ODD_FILES if name != "custom_operator"])
def test_litert_runs_it(name: str) -> None:
    interpreter = Interpreter(model_content=odd_file(name), num_threads=1)
    interpreter.allocate_tensors()
    for entry in interpreter.get_input_details():
        assert entry["dtype"] == EDGES.get(name, np.int64 if name == "hash_table" else np.float32)
        interpreter.set_tensor(entry["index"], np.zeros(entry["shape"], entry["dtype"]))
    interpreter.invoke()


def test_no_runtime_has_the_custom_operator() -> None:
    with pytest.raises(RuntimeError, match="StrangeOperator"):
        Interpreter(model_content=odd_file("custom_operator")).allocate_tensors()


def test_numbers_of_inputs_outputs_subgraphs_and_signatures() -> None:
    graphs = {
        name: model_of(name).subgraphs for name in ("two_inputs", "two_outputs", "two_signatures", "bidirectional")
    }
    assert [len(graphs["two_inputs"][0].inputs), len(graphs["two_outputs"][0].outputs)] == [2, 2]
    assert [len(graphs["two_signatures"]), len(graphs["bidirectional"])] == [2, 5]
    keys = [entry.signatureKey for entry in model_of("two_signatures").signatureDefs]
    assert keys == [b"classify", b"embed"]
    assert [entry.signatureKey for entry in model_of("signature").signatureDefs] == [b"serving_default"]


@pytest.mark.parametrize(("name", "shape"), [("dynamic_batch", [-1, 12, 6]), ("dynamic_time", [1, -1, 6])])
def test_open_axes(name: str, shape: list[int]) -> None:
    graph = model_of(name).subgraphs[0]
    assert list(graph.tensors[graph.inputs[0]].shapeSignature) == shape


def test_weights_are_stored_as_the_name_says() -> None:
    def stored(name: str) -> set[int]:
        model = model_of(name)
        return {
            tensor.type for tensor in model.subgraphs[0].tensors
            if model.buffers[tensor.buffer].data is not None and len(tensor.shape) > 1
        }  # fmt: skip

    kinds = schema.TensorType
    assert stored("dynamic_range") == {kinds.INT8, kinds.FLOAT32}
    assert stored("float16") == {kinds.FLOAT16}
    assert stored("int8") == stored("int16") == {kinds.INT8}
    assert stored("hybrid") == {kinds.INT8, kinds.FLOAT32}
    assert any(tensor.sparsity for tensor in model_of("sparse").subgraphs[0].tensors)
    quantised = [tensor.quantization for tensor in model_of("no_quantisation").subgraphs[0].tensors]
    assert not any(entry is not None and entry.scale is not None for entry in quantised)
