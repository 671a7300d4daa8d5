"""Busy time and kernels of layers as tables."""

import pytest
from traced_layers import traced

from tfkws.views.layer_trace import (
    class_table,
    group_name,
    hooks_sentence,
    interval_text,
    silent_sentence,
    sum_sentence,
    trace_table,
    waiting_sentence,
    waiting_shares,
)


def test_every_layer_or_fused_group_is_a_row_and_what_no_layer_has_is_the_last() -> None:
    table = trace_table(traced())
    assert table.columns == (
        "layer",
        "class",
        "kernels",
        "busy",
        "95 %",
        "share",
        "MACs",
        "as a framework's hooks see it",
    )
    assert [row[:4] + row[5:] for row in table.rows] == [
        ("conv", "Conv2D", "2", "15 µs", "60.0 %", "500", "100 µs"),
        ("norm", "BatchNormalization", "1", "2 µs", "8.0 %", "0", "90 µs"),
        ("norm + relu", "BatchNormalization + ReLU", "1", "7 µs", "28.0 %", "0", "80 µs"),
        ("(not attributed)", "", "1", "1 µs", "4.0 %", "0", ""),
    ]
    assert table.rows[0][4] == "12–18 µs"
    assert table.numeric == table.columns[2:]
    assert "NVIDIA H100, jax 0.11.2, compiled whole; 2 repeats of 3 calls." in table.note


def test_classes_add_up() -> None:
    two = traced()
    two["layers"].append(two["layers"][0] | {"name": "conv_2"})
    two["rows"].insert(3, {"layers": ["conv_2"], "kernels": 2.0, "kernel_names": [], "busy_us": [5.0, 5.0]})
    table = class_table(two)
    assert [row[:3] for row in table.rows] == [
        ("Conv2D", "4", "20 µs"),
        ("BatchNormalization", "1", "2 µs"),
        ("BatchNormalization + ReLU", "1", "7 µs"),
        ("(not attributed)", "1", "1 µs"),
    ]
    assert (table.rows[0][5], table.rows[0][6]) == ("1 k", "200 µs")
    assert table.rows[0][3] == "17–23 µs"


def test_the_card_waits_for_what_is_not_busy_of_the_median_call() -> None:
    assert waiting_shares(traced()) == [0.5, 0.25]
    assert waiting_sentence(traced()) == (
        "A call takes 40 µs, its 5 kernels are busy for 25 µs: the card waits 37.5 % of the time (95 % [25.0, 50.0] %)."
    )
    assert "no kernel runs in 0.0 % of the time" in waiting_sentence(traced(device="cpu", busy_us=[60.0, 60.0]))


def test_the_sum_against_the_busy_time() -> None:
    assert sum_sentence(traced()) == "The rows add up to 25 µs, 100.0 % of the busy time."
    assert "50.0 % of the busy time" in sum_sentence(traced(busy_us=[50.0, 50.0]))


def test_layers_without_a_kernel_are_named() -> None:
    assert silent_sentence(traced()) == "No kernel serves drop."
    assert silent_sentence(traced(layers=traced()["layers"][:3])) == ""


def test_the_cost_of_an_empty_call_stands_beside_the_hooks() -> None:
    assert "a call without work takes 70 µs" in hooks_sentence(traced())
    assert hooks_sentence(traced(hooks_call_us=None)) == ""
    layers = [layer | {"hooks_us": None} for layer in traced()["layers"]]
    assert all(row[-1] == "" for row in trace_table(traced(hooks_call_us=None, layers=layers)).rows)


@pytest.mark.parametrize(("values", "text"), [([5.0], ""), ([5.0, 5.0, 5.0], "5–5 µs")])
def test_an_interval_needs_two_repeats(values: list[float], text: str) -> None:
    assert interval_text(values) == text


def test_a_large_group_names_its_ends() -> None:
    assert group_name(["a", "b", "c"]) == "a + b + c"
    assert group_name(["a", "b", "c", "d"]) == "a ... d (4 layers)"
