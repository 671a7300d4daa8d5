"""What a file holds, against what the tiny network is made of: 8 x 6 map, four 3 x 3 filters, dense 4 to 3."""

import json
from collections.abc import Callable

import pytest

from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile

Converted = Callable[[str], TfliteFile]


@pytest.mark.parametrize(
    ("name", "scheme", "types"),
    [
        ("none", "float32", ("float32", "float32")),
        ("float16", "float16 weights", ("float32", "float32")),
        ("int8", "int8", ("int8", "int8")),
        ("int16x8", "int16 activations, int8 weights", ("int16", "int16")),
    ],
)
def test_contents_are_read_from_the_file(name: str, scheme: str, types: tuple[str, str], converted: Converted) -> None:
    contents = converted(name).contents
    assert contents.scheme == scheme
    assert (contents.input_dtype, contents.output_dtype) == types
    assert contents.operators["CONV_2D"] == 1
    assert contents.operators["FULLY_CONNECTED"] == 1


def test_weight_bytes_are_those_of_the_kernels(converted: Converted) -> None:
    weights = 3 * 3 * 1 * 4 + 4 * 3
    assert converted("none").contents.weight_bytes == {"float32": 4 * weights}
    assert converted("float16").contents.weight_bytes == {"float16": 2 * weights}
    assert converted("int8").contents.weight_bytes == {"int8": weights}


def test_small_weights_stay_float_in_a_dynamic_file_and_the_scheme_says_so(converted: Converted) -> None:
    assert converted("dynamic").contents.scheme == "float32"  # 48 weights are below the converter's 1,024


def test_sizes_and_macs_are_those_of_the_file(converted: Converted) -> None:
    contents = converted("none").contents
    assert contents.size_bytes == len(converted("none").content)
    assert contents.macs == 8 * 6 * 3 * 3 * 4 + 4 * 3
    assert contents.input_shape == (8, 6, 1)
    assert contents.arena_bytes >= 4 * (8 * 6 + 8 * 6 * 4)  # input and output of the convolution at once
    assert json.loads(json.dumps(contents.to_dict()))["macs"] == contents.macs


def test_an_operator_without_a_counting_rule_leaves_the_macs_unknown() -> None:
    contents = TfliteFile(chain(2)).contents
    assert (contents.macs, contents.operators, contents.weight_bytes) == (None, {"ABS": 2}, {})
    assert contents.scheme == "no weights, float32 activations"
