"""Models of one operator: together they compute what the whole computes, and each holds no more than it needs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from odd_files import odd_file

from tfkws.tflite.file.flatbuffer import unpack
from tfkws.tflite.file.submodels import NULL_MODEL, submodel, submodels
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.model import open_model


def test_submodels_compute_what_the_operators_compute(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    """Running the operators one by one gives what the whole gives."""
    from ai_edge_litert.interpreter import Interpreter

    content = converted("none")
    graph = tflite_file(content).graph
    values = {graph.inputs[0]: maps[:1]}
    for op in graph.ops:
        interpreter = Interpreter(model_content=submodel(content, op.index))
        interpreter.allocate_tensors()
        for details, index in zip(interpreter.get_input_details(), [i for i in op.inputs if i in values], strict=True):
            interpreter.set_tensor(details["index"], values[index])
        interpreter.invoke()
        values[op.outputs[0]] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    assert np.allclose(values[graph.outputs[0]], open_model(content, load_check=False).predict(maps[:1]), atol=1e-6)


def test_submodels_hold_their_own_constants_only(converted: Callable[[str], TfliteFile]) -> None:
    content = converted("none")
    sizes = {op.opcode: len(submodel(content, op.index)) for op in tflite_file(content).graph.ops}
    assert sizes["SOFTMAX"] < 1_000
    cut = tflite_file(submodel(content, 0)).graph
    assert (len(cut.ops), len(cut.tensors)) == (1, 4)
    assert [tensor.is_constant for tensor in cut.tensors] == [False, True, True, False]


def test_the_null_model_runs() -> None:
    assert open_model(NULL_MODEL, load_check=False).graph.ops[0].opcode == "ABS"


def test_half_precision_weights_come_with_what_unpacks_them(
    converted: Callable[[str], TfliteFile],
) -> None:
    file = converted("float16")
    index = next(op.index for op in file.graph.ops if op.opcode == "CONV_2D")
    (cut,) = submodels(file, [index])
    assert [op.opcode for op in tflite_file(cut).graph.ops] == ["DEQUANTIZE", "DEQUANTIZE", "CONV_2D"]
    assert cut == submodel(file, index)


def test_copies_stand_on_the_same_inputs_and_answer_alike(converted: Callable[[str], TfliteFile]) -> None:
    model = TfliteFile(submodel(converted("none"), 0, copies=3))
    assert [op.opcode for op in model.graph.ops] == ["CONV_2D"] * 3
    assert len({op.inputs for op in model.graph.ops}) == 1
    interpreter = build_interpreter("it", model.content, 1, "builtin", "litert", outlets=0)
    fill_inputs(interpreter)
    interpreter.invoke()
    first, *others = (interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details())
    assert len(others) == 2
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize(
    ("name", "opcode", "with_it"),
    [
        ("streaming", "READ_VARIABLE", ["CALL_ONCE", "VAR_HANDLE"]),
        ("streaming", "ASSIGN_VARIABLE", ["CALL_ONCE", "VAR_HANDLE"]),
        ("hash_table", "HASHTABLE_FIND", ["CALL_ONCE", "HASHTABLE"]),
        ("while", "WHILE", []),
        ("fused_lstm", "UNIDIRECTIONAL_SEQUENCE_LSTM", []),
    ],
)
def test_an_operator_comes_with_what_it_cannot_run_without(name: str, opcode: str, with_it: list[str]) -> None:
    whole = TfliteFile(odd_file(name))
    index = next(op.index for op in whole.graph.ops if op.opcode == opcode)
    model = TfliteFile(submodel(whole, index))
    assert [op.opcode for op in model.graph.ops] == [*with_it, opcode]
    assert not any(model.graph.tensors[i].is_variable for i in model.graph.inputs)
    interpreter = build_interpreter("it", model.content, 1, "xnnpack", "litert", outlets=0)
    fill_inputs(interpreter)
    interpreter.invoke()


def test_cutting_changes_nothing_in_the_file_and_opens_it_once(
    converted: Callable[[str], TfliteFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = converted("none")
    opened: list[int] = []

    def counted(found: bytes) -> Any:
        opened.append(len(found))
        return unpack(found)

    monkeypatch.setattr("tfkws.tflite.file.tflite_file.unpack", counted)
    fresh = TfliteFile(content.content)
    first = [submodel(fresh, op.index, copies=2) for op in fresh.graph.ops]
    assert first == [submodel(fresh, op.index, copies=2) for op in fresh.graph.ops]
    assert opened == [len(content.content)]
    assert fresh.edit().pack() == content.edit().pack()
