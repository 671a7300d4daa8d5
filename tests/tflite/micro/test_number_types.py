"""The table of number types, held against the package, and what is refused by it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from small_networks import small_network
from streaming_files import streaming_file

from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.small_models import ModelBuilder
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.number_types import NUMBER_TYPES, check_number_types, types_of
from tfkws.tflite.micro.operators import MICRO_OPERATORS, check_for_micro
from tfkws.tflite.recipes import RECIPES


@pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="tflite-micro is not installed: pip install 'tfkws[micro]'"
)
def test_the_table_is_what_the_package_runs() -> None:
    survey = Path(__file__).parents[2] / "fakes" / "micro_types.py"
    done = subprocess.run([sys.executable, str(survey)], capture_output=True, text=True, check=True)
    ran = {tuple(line.split()) for line in done.stdout.splitlines()}
    assert ran == {(name, types) for name, taken in NUMBER_TYPES.items() for types in taken}


def test_it_lists_operators_that_there_are() -> None:
    assert set(NUMBER_TYPES) <= MICRO_OPERATORS
    assert NUMBER_TYPES["CONV_2D"] == {"float32*float32", "int8*int8", "int16*int8"}


@pytest.mark.parametrize("recipe", ["none", "int8", "int16x8"])
def test_what_the_zoo_is_made_of_is_taken(recipe: str) -> None:
    network = small_network("bc_resnet")
    maps = np.random.default_rng(0).normal(size=(4, *network.input_shape[1:])).astype(np.float32)
    for file in (convert(network, RECIPES[recipe], maps), streaming_file(recipe)):
        check_for_micro(file.graph, "a.tflite")


def alone(operator: str, taken: str) -> TfliteFile:
    build = ModelBuilder()
    tensors = [build.tensor(name, taken, (1, 4), ()) for name in ("x", "y")]
    build.operator(getattr(schema.BuiltinOperator, operator), tensors[:1], tensors[1:])
    return TfliteFile(build.finish(tensors[:1], tensors[1:]))


def test_a_type_that_a_kernel_does_not_take_is_refused_with_its_layer() -> None:
    check_number_types(alone("ELU", "int8").graph, "a.tflite")
    with pytest.raises(ConversionError, match=r"refuses ELU of layer 'y' \(int16; its kernel takes float32, int8\);"):
        check_for_micro(alone("ELU", "int16").graph, "a.tflite")


def test_weights_in_half_precision_are_refused_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    file = compacted(convert(small_network("ds_cnn"), RECIPES["float16"]))
    unpacking = file.graph.ops[0]
    assert types_of(unpacking, file.graph) == "float16>float32"
    monkeypatch.setattr("tfkws.tflite.micro.interpreter.find_spec", lambda name: None)
    with pytest.raises(ConversionError, match=r"refuses DEQUANTIZE of layer '.+' \(float16>float32; its kernel takes"):
        check_for_micro(file.graph, "a.tflite")


def test_types_that_were_not_tried_are_left_to_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.tflite.micro.number_types.types_of", lambda *_: "int8*int4")
    check_number_types(alone("ELU", "int16").graph, "a.tflite")
