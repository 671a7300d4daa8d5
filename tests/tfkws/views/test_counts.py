"""Costs in exact numbers, and counted instructions as they were published."""

import json
from pathlib import Path
from typing import Any

import pytest

from tfkws.views.counts import (
    catalogue_table,
    cost_table,
    instructions_table,
    operator_instructions_table,
    outputs_sentence,
)

MIX = {"all": 1000, "vector_arithmetic": 400, "vector_memory": 200, "scalar_memory": 100, "other": 300}
RESULT: dict[str, Any] = {
    "unit": "instructions", "model": "int8.tflite", "target": "qemu-aarch64:cortex-a53", "emulator": "QEMU 9",
    "runtime_version": "2.3.0", "kernels": "xnnpack", "mix": MIX, "repeats": [1000, 1000, 1001], "spread": 0.001,
    "call_instructions": 100, "macs": 2000, "instructions_per_mac": 0.5, "outputs": None, "difference": -0.0123,
    "operators": [
        {"index": 0, "opcode": "CONV_2D", "name": "conv", "layer_class": "Conv2D", "mix": MIX, "share": 1.0,
         "macs": None, "instructions_per_mac": None},
    ],
}  # fmt: skip


def test_one_row_a_file_with_ratios_to_the_first() -> None:
    second = RESULT | {"kernels": "builtin", "mix": MIX | {"all": 2500}, "instructions_per_mac": 1.25}
    table = instructions_table([RESULT, second])
    expected = ("2.5 k", "1.250", "2.500", "400", "300", "builtin", "qemu-aarch64:cortex-a53", "not compared")
    assert table.rows[1] == ("int8.tflite, builtin kernels", *expected)
    assert table.note.endswith("A count, not a time. 3 counted inferences differ by 0.1000 % at most.")


def test_one_row_an_operator() -> None:
    table = operator_instructions_table(RESULT)
    assert table.rows == (("0", "CONV_2D", "conv", "1 k", "100.0 %", "", "", "400", "300"),)
    assert "the operators sum to -1.23 % of the rest" in table.note


def test_cores_of_one_file_are_told_apart() -> None:
    table = instructions_table([RESULT, RESULT | {"target": "qemu-aarch64:cortex-a76"}])
    assert [row[0] for row in table.rows] == [
        "int8.tflite, qemu-aarch64:cortex-a53",
        "int8.tflite, qemu-aarch64:cortex-a76",
    ]


@pytest.mark.parametrize(
    ("identical", "sentence"), [(True, "bit-identical with x86_64"), (False, "within 1.5e-06 of x86_64")]
)
def test_outputs_are_compared(identical: bool, sentence: str) -> None:
    outputs = {"identical": identical, "largest_difference": 1.5e-6, "reference_architecture": "x86_64"}
    assert outputs_sentence(RESULT | {"outputs": outputs}) == sentence


def test_published_counts_are_shown() -> None:
    path = Path(__file__).parents[3] / "artifacts" / "published" / "profile" / "arm" / "instructions.json"
    results = json.loads(path.read_text())["results"]
    assert len(instructions_table(results).rows) == len(results)


def test_a_network_by_class_and_by_layer(first_run: dict[str, dict[str, Any]]) -> None:
    cost = first_run["cost"]
    table = cost_table(cost)
    assert "21,170 parameters, 13,158,700 MACs" in table.title
    for column, total in (("parameters", cost["params"]), ("MACs", cost["macs"])):
        place = table.columns.index(column)
        assert sum(int(row[place].replace(",", "")) for row in table.rows) == total
    layers = cost_table(cost, per_layer=True)
    assert len(layers.rows) == len(cost["rows"])
    assert layers.rows[0][2] == "x".join(map(str, cost["rows"][0]["output_shape"]))


def test_the_zoo() -> None:
    row = {"name": "n", "family": "f", "input_shape": [40, 32, 1], "params": 2_656_768, "macs": 9, "paper": "B"}
    assert catalogue_table([row]).rows == (("n", "f", "40x32", "2,656,768", "9", "B"),)
