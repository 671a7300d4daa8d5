"""Shapes of inputs: which axes are open, what is taken, what is asked for."""

import numpy as np
import pytest
from odd_files import odd_file

from tfkws.errors import BenchmarkError, TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import build_interpreter
from tfkws.tflite.runtime.input_shapes import fixed_file, input_shapes


def file(name: str) -> TfliteFile:
    return TfliteFile(odd_file(name), f"{name}.tflite")


def test_a_signature_names_the_inputs() -> None:
    (found,) = input_shapes(file("signature"))
    assert (found.name, found.shape, found.open_axes) == ("frames", (1, 12, 6), ())
    assert found.tensor_name != "frames"


def test_open_axes_are_those_that_the_file_marks() -> None:
    assert [one.open_axes for one in input_shapes(file("dynamic_batch"))] == [(0,)]
    assert [one.open_axes for one in input_shapes(file("dynamic_time"))] == [(1,)]


def test_a_file_without_open_axes_stays_as_it_is() -> None:
    found = fixed_file(file("two_inputs"))
    assert found.file is found.original
    assert dict(found.shapes) == {}


def test_an_open_batch_becomes_one_and_nothing_stays_open() -> None:
    found = fixed_file(file("dynamic_batch"))
    assert list(found.shapes.values()) == [(1, 12, 6)]
    assert all(tensor.open_axes == () for tensor in found.file.graph.tensors)


def test_an_asked_length_reaches_every_tensor_and_the_answers() -> None:
    """The file of 20 frames answers as the original does after it was resized."""
    original, found = file("dynamic_time"), fixed_file(file("dynamic_time"), ["1,20,6"])
    assert found.file.graph.input.shape == (1, 20, 6)
    conv = next(op for op in found.file.graph.ops if op.opcode == "CONV_2D")
    assert found.file.graph.tensors[conv.outputs[0]].shape[-2:] == (20, 4)
    maps = np.random.default_rng(1).normal(size=(1, 20, 6)).astype(np.float32)
    answers = []
    for content in (original.content, found.file.content):
        interpreter = build_interpreter("it", content, 1, "builtin", "litert")
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (1, 20, 6))
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], maps)
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    assert np.array_equal(*answers)


def test_inputs_are_asked_for_by_name() -> None:
    first, second = input_shapes(file("two_inputs"))
    found = fixed_file(file("two_inputs"), [f"{first.name}=1,9,6"])
    assert [found.file.graph.tensors[i].shape for i in found.file.graph.inputs] == [(1, 9, 6), second.shape]


@pytest.mark.parametrize(
    ("name", "asked", "sentence"),
    [
        ("dynamic_time", "", r"1x\?x6, where \? is open; say what to measure by --shape 1,N,6"),
        ("dynamic_time", "1,20", r"has 3 axes \(1x\?x6\). Received --shape 1,20"),
        ("dynamic_time", "1,0,6", "whole numbers from 1 on"),
        ("dynamic_time", "1,-3,6", "whole numbers from 1 on"),
        ("dynamic_time", "1,x,6", "whole numbers from 1 on"),
        ("dynamic_time", "1,99999999999,6", "asks for more than"),
        ("dynamic_time", "nothing=1,20,6", r"no input 'nothing'; it has '.*' \(1x\?x6\)"),
        ("two_inputs", "1,12,6", "has 2 inputs; say which by --shape NAME=1,12,6"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name: str, asked: str, sentence: str) -> None:
    with pytest.raises(BenchmarkError, match=sentence):
        fixed_file(file(name), [asked] if asked else [])


def test_a_shape_that_the_operators_refuse_is_one_sentence() -> None:
    with pytest.raises(TfliteFileError, match="signature.tflite cannot be run"):
        fixed_file(file("signature"), ["1,12,7"])
