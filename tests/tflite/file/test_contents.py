"""What a file holds, against what the tiny network is made of: 8 x 6 map, four 3 x 3 filters, dense 4 to 3."""

import json
from collections.abc import Callable

import pytest
from odd_files import ODD_FILES, odd_file

from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.views.conversion import contents_table

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


def test_an_operator_without_a_counting_rule_is_named() -> None:
    contents = TfliteFile(odd_file("custom_operator")).contents
    assert (contents.macs, contents.operators, contents.weight_bytes) == (
        0,
        {"ABS": 1, "CUSTOM:StrangeOperator": 1},
        {},
    )
    assert contents.notes == ("StrangeOperator is not counted: what a custom operator computes is not in the file",)
    assert contents.scheme == "no weights, float32 activations"
    assert "notes" not in TfliteFile(chain(2)).contents.to_dict()


@pytest.mark.parametrize(
    ("name", "scheme", "weights"),
    [
        ("gru", "float32", {"float32": 4 * (6 * 12 + 4 * 12 + 4 * 3)}),
        ("fused_lstm", "float32", {"float32": 4 * 4 * (6 * 4 + 4 * 4)}),
        (
            "dynamic_range",
            "int8 weights, float32 activations, 1 of 2 layers float32",
            {"int8": 72 * 24, "float32": 4 * 72},
        ),
        ("int16", "int16 activations, int8 weights", {"int8": 72 + 72 + 24}),
        ("sparse", "float32", {"float32": 256}),
        ("streaming", "float32", {"float32": 4 * 24 * 3}),
    ],
)
def test_contents_of_odd_files(name: str, scheme: str, weights: dict[str, int]) -> None:
    contents = TfliteFile(odd_file(name)).contents
    assert (contents.scheme, contents.weight_bytes) == (scheme, weights)


@pytest.mark.parametrize("name", [name for name in ODD_FILES if name != "no_operators"])
def test_every_odd_file_has_contents(name: str) -> None:
    contents = TfliteFile(odd_file(name)).contents
    assert contents.operators
    assert contents.arena_bytes > 0
    assert contents_table(name, json.loads(json.dumps(contents.to_dict()))).rows
