"""Every operator that a converted network holds has a row that says how it is counted."""

import doctest

from tfkws.graphs import number_schemes, operator_kinds, rewriting, tflite_graph
from tfkws.graphs.layer_kinds import LAYER_KINDS
from tfkws.graphs.operator_kinds import OPERATOR_KINDS, operator_category, operator_kind
from tfkws.graphs.tflite_parser import BUILTIN_OPERATORS

# What the files of all families of the zoo hold, by all recipes, and those with the front end inside.
FOUND = (
    "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "RFFT2D", "RELU", "RELU6", "LOGISTIC", "HARD_SWISH",
    "SOFTMAX", "LOG", "MAX_POOL_2D", "AVERAGE_POOL_2D", "MEAN", "ADD", "SUB", "MUL", "SQUARE", "RESHAPE",
    "TRANSPOSE", "CONCATENATION", "PAD", "STRIDED_SLICE", "EXPAND_DIMS", "REAL", "IMAG", "QUANTIZE", "DEQUANTIZE",
)  # fmt: skip


def test_every_operator_of_the_zoo_is_counted_or_zero_with_a_reason() -> None:
    assert [opcode for opcode in FOUND if operator_kind(opcode).layer_class is None] == []


def test_rows_are_operators_of_the_schema_and_none_stands_twice() -> None:
    names = [kind.opcode for kind in OPERATOR_KINDS]
    assert len(names) == len(set(names))
    assert set(names) <= BUILTIN_OPERATORS


def test_classes_and_reasons_are_those_of_layers() -> None:
    layers = {(kind.layer_class, kind.zero_reason) for kind in LAYER_KINDS}
    counted = {(k.layer_class, k.zero_reason) for k in OPERATOR_KINDS if k.layer_class and not k.changes_number_type}
    assert counted - layers == {("Transform", "")}


def test_an_operator_without_a_row_says_nothing() -> None:
    kind = operator_kind("CUSTOM:Strange")
    assert (kind.layer_class, kind.kernels, kind.foldable, kind.absorbs_norm) == (None, (), False, False)


def test_examples_run() -> None:
    results = [doctest.testmod(module) for module in (number_schemes, operator_kinds, rewriting, tflite_graph)]
    assert all(result.attempted > 0 and result.failed == 0 for result in results)


def test_a_multiplication_goes_by_its_layer() -> None:
    layers = {"norm": "BatchNorm", "silu": "ReLU and kin", "scale": "Other", "conv": "Conv2D"}
    assert operator_category("MUL", "norm", layers) == "BatchNorm"
    assert operator_category("MUL", "silu", layers) == "ReLU and kin"
    assert operator_category("MUL", "scale", layers) == "Other"
    assert operator_category("MUL", "conv", layers) == "Other"
    assert operator_category("MUL", "silu", {}) == "Other"
    assert operator_category("SOFTMAX", "x", {}) == "Other"
    assert operator_category("CONV_2D", "norm", layers) == "Conv2D"
