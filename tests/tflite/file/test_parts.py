"""Tensors and operators that are added to a file, which LiteRT then runs."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from tfkws.tflite.file.parts import add_tensor, operator, quantization
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile

SCALE, ZERO_POINT = 0.25, -3


def test_an_added_operator_rounds_the_output_to_eight_bits_as_the_formula_says() -> None:
    editor = ModelEditor(TfliteFile(chain(2)))
    (before,) = editor.main.outputs
    shape = [int(size) for size in editor.main.tensors[before].shape]
    rounded = add_tensor(editor.main, "rounded", schema.TensorType.INT8, shape, quantization(SCALE, ZERO_POINT))
    editor.main.operators = [
        *editor.main.operators,
        operator(editor, schema.BuiltinOperator.QUANTIZE, [before], [rounded]),
    ]
    editor.main.outputs = np.array([rounded], np.int32)
    file = editor.pack()
    for value in (0.0, -0.4, 3.3, 12.0, -40.0):
        found = _answer(file, np.full(shape, value, np.float32))
        assert found.dtype == np.int8
        assert found.item() == min(127, round(abs(value) / SCALE) + ZERO_POINT)


def test_an_operator_code_that_is_there_is_used_again() -> None:
    editor = ModelEditor(TfliteFile(chain(1)))
    first, second = (operator(editor, schema.BuiltinOperator.QUANTIZE, [0], [0]) for _ in range(2))
    assert first.opcodeIndex == second.opcodeIndex == len(editor.model.operatorCodes) - 1


def _answer(file: TfliteFile, values: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=file.content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
