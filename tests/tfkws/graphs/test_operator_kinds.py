"""Every operator that a converted network holds has a row that says how it is counted."""

import doctest

from tfkws.cost.tflite_rules import RULES
from tfkws.graphs import number_schemes, operator_kinds, rewriting, tflite_graph
from tfkws.graphs.layer_kinds import LAYER_KINDS
from tfkws.graphs.operator_kinds import NOT_COUNTABLE, OPERATOR_KINDS, operator_category, operator_kind
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
    own = {"Transform", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "MatMul", "Recurrent", "Embedding", "State",
           "ControlFlow"}  # fmt: skip
    assert {layer_class for layer_class, _ in counted - layers} - own == {
        "Activation", "Pooling", "Elementwise", "DataMovement"
    }  # fmt: skip


def test_every_builtin_operator_of_the_schema_is_counted_or_zero_with_a_reason() -> None:
    """A new operator of the schema fails here until it has a row."""
    kinds = {kind.opcode: kind for kind in OPERATOR_KINDS}
    for opcode in sorted(BUILTIN_OPERATORS):
        if opcode in NOT_COUNTABLE:
            assert opcode not in kinds
            continue
        kind = kinds[opcode]
        ways = (bool(kind.zero_reason), opcode in RULES, kind.layer_class == "ControlFlow" and opcode != "CALL_ONCE")
        assert sum(ways) == 1, opcode


def test_four_entries_of_the_schema_cannot_be_counted() -> None:
    assert set(NOT_COUNTABLE) == {"CUSTOM", "DELEGATE", "STABLEHLO_CUSTOM_CALL", "PLACEHOLDER_FOR_GREATER_OP_CODES"}
    assert all(NOT_COUNTABLE.values())


def test_only_changes_of_the_number_grid_change_the_number_type() -> None:
    assert [kind.opcode for kind in OPERATOR_KINDS if kind.changes_number_type] == ["QUANTIZE", "DEQUANTIZE"]


def test_an_operator_without_a_row_says_nothing() -> None:
    kind = operator_kind("CUSTOM:Strange")
    assert (kind.layer_class, kind.zero_reason, kind.absorbs_norm) == (None, "", False)


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
