"""Time per Keras layer, and profiles side by side."""

from typing import Any

from tfkws.profiling.explain.category_table import category_rows
from tfkws.profiling.explain.steps import Step, Steps
from tfkws.views.layers import categories_side_by_side, category_table, layer_table, whole_sentence

# Two repeats of two passes: convolution 30 and 30 µs, then 10 and 50 µs, on average 30 µs; ReLU takes 10 µs.
PROFILE: dict[str, Any] = {
    "kind": "keras-layers", "model": "net", "device": "cpu", "device_name": "cpu", "machine": {"cpu": "C"},
    "backend": "jax", "backend_version": "1", "mode": "eager", "threads": 1, "trials": 2, "passes": 2, "call_us": 2.0,
    "whole_compiled_us": [[7.0, 9.0]], "whole_eager_us": [[50.0, 70.0]],
    "rows": [
        {"name": "a", "layer": "Conv2D", "category": "Conv2D", "macs": 500, "weight_bytes": 4, "bytes_moved": 2048,
         "samples_us": [[30.0, 30.0], [10.0, 50.0]]},
        {"name": "b", "layer": "ReLU", "category": "ReLU and kin", "macs": 0, "weight_bytes": 0, "bytes_moved": 12,
         "samples_us": [[10.0, 10.0], [10.0, 10.0]]},
    ],
}  # fmt: skip


def steps(*rows: Step) -> Steps:
    return Steps("net", "Keras layers", "float32", "jax", "cpu", 0.0, 0.0, rows)


def test_every_layer() -> None:
    table = layer_table(PROFILE)
    assert table.columns == ("layer", "class", "time", "share", "MACs", "bytes moved")
    assert table.rows == (
        ("a", "Conv2D", "30 µs", "75.0 %", "500", "2 KiB"),
        ("b", "ReLU", "10 µs", "25.0 %", "0", "12 B"),
    )
    assert table.note == "C, jax 1, eager, 1 thread(s); 2 repeats of 2 passes."


def test_categories_of_one_network() -> None:
    table = category_table(PROFILE)
    assert table.rows == (
        ("Conv2D", "1", "30 µs", "1.00E+03", "75.0 %"),
        ("ReLU and kin", "1", "10 µs", "0", "25.0 %"),
    )
    assert table.numeric == table.columns[1:]
    assert whole_sentence(PROFILE) in table.note


def test_the_sum_against_the_whole_network() -> None:
    expected = "Sum 40 µs; the whole network takes 8 µs compiled, 60 µs eager. Each call costs 2 µs besides its work."
    assert whole_sentence(PROFILE) == expected


def test_side_by_side() -> None:
    keras = steps(
        Step("a", "x", "Conv2D", 1_000, 0, 100, 2, (30, 50)), Step("d", "x", "ReLU and kin", 0, 0, 100, 2, (40, 0))
    )
    lite = steps(Step("a", "x", "Conv2D", 0, 0, 100, 2, (1,)))
    folded = {"a": "Conv2D", "a_norm": "BatchNorm"}
    table = categories_side_by_side(
        "Table 2", {"Keras": category_rows(keras), "TFLite": category_rows(lite, layers=folded)}
    )
    cells = {row[0]: row[1:] for row in table.rows}
    assert cells["Conv2D"][:4] == ("1", "20 µs", "2.00E+03", "66.7 %")
    assert cells["BatchNorm"] == ("-", "-", "-", "-", "0", "folded (1)", "-", "-")
    assert "0" in cells["ReLU and kin"]
