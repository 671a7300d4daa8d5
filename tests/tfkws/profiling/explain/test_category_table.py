"""The appendix's equations on numbers that were computed by hand."""

import pytest

from tfkws.errors import ProfileParseError
from tfkws.profiling.explain.categories import CATEGORIES, in_order, operator_category
from tfkws.profiling.explain.category_table import category_rows
from tfkws.profiling.explain.steps import Step, Steps, layer_categories, read_steps


def step(name, category, trial_us, macs=0, runs=2, folded=False):
    return Step(name, "x", category, macs, 0, 100, runs, tuple(trial_us), folded)


def steps(*rows):
    return Steps("net", "Keras layers", "float32", "jax", "cpu", 0.0, 0.0, rows)


# Two trials of two passes: convolutions run 30 + 10 and 50 + 30 µs, the depthwise one 20 and 20, ReLU 40 and 0.
PROFILE = steps(
    step("a", "Conv2D", (30, 50), macs=1_000),
    step("b", "Conv2D", (10, 30), macs=3_000),
    step("c", "DepthwiseConv2D", (20, 20), macs=500),
    step("d", "ReLU and kin", (40, 0)),
)


def test_the_three_sums_and_the_share():
    rows = {row.category: row for row in category_rows(PROFILE, depthwise_apart=True)}
    conv = rows["Conv2D"]
    assert conv.runtime_us == 60.0  # (40 + 80) / 2
    assert conv.runs == 4  # two layers, two passes, in each trial
    assert conv.flops == 2 * (1_000 + 3_000) * 2
    assert conv.average_us == 15.0
    assert conv.average_flops == 4_000.0
    assert conv.share == pytest.approx(60 / 100)
    assert rows["ReLU and kin"].share == pytest.approx(20 / 100)
    assert rows["ReLU and kin"].average_flops == 0
    assert sum(row.share for row in rows.values()) == pytest.approx(1)


def test_depthwise_convolutions_are_convolutions_unless_asked_for():
    conv = category_rows(PROFILE)[0]
    assert (conv.category, conv.steps, conv.runtime_us, conv.flops) == ("Conv2D", 3, 80.0, 2 * 4_500 * 2)


def test_layers_without_an_operator_are_folded():
    layers = {"a": "Conv2D", "a_norm": "BatchNorm", "b_norm": "BatchNorm", "pre_norm": "BatchNorm", "flat": "Other"}
    profile = steps(
        step("a", "Conv2D", (1,)), step("pre_norm", "BatchNorm", (1,)), step("drop", "Dropout", (0,), folded=True)
    )
    rows = {row.category: row for row in category_rows(profile, layers=layers)}
    assert (rows["BatchNorm"].steps, rows["BatchNorm"].folded) == (1, 2)
    assert rows["Conv2D"].folded == 0
    assert set(rows) == {"Conv2D", "BatchNorm"}  # a folded operator is no run, a reshape is not shown as folded


def test_categories_are_in_the_papers_order_with_other_last():
    assert in_order(["Other", "Dense", "Conv2D"]) == ("Conv2D", "Dense", "Other")
    assert in_order(reversed(CATEGORIES)) == CATEGORIES and CATEGORIES[-1] == "Other"


def test_a_multiplication_goes_by_its_layer():
    layers = {"norm": "BatchNorm", "silu": "ReLU and kin", "scale": "Other", "conv": "Conv2D"}
    assert operator_category("MUL", "norm", layers) == "BatchNorm"
    assert operator_category("MUL", "silu", layers) == "ReLU and kin"
    assert operator_category("MUL", "scale", layers) == "Other"
    assert operator_category("MUL", "conv", layers) == "Other"
    assert operator_category("MUL", "silu", {}) == "Other"
    assert operator_category("SOFTMAX", "x", {}) == "Other"
    assert operator_category("CONV_2D", "norm", layers) == "Conv2D"


def test_both_kinds_of_profile_are_read():
    keras = {
        "kind": "keras-layers", "model": "m", "device": "cpu", "device_name": "cpu", "machine": {"cpu": "C"},
        "backend": "jax", "backend_version": "1", "mode": "eager", "threads": 1, "passes": 3, "call_us": 2.0,
        "whole_compiled_us": [[1.0]], "whole_eager_us": [[5.0, 7.0]],
        "rows": [{"name": "a", "layer": "Conv2D", "category": "Conv2D", "macs": 7, "weight_bytes": 4,
                  "bytes_moved": 12, "samples_us": [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]}],
    }  # fmt: skip
    read = read_steps(keras)
    assert read.steps[0].trial_us == (6.0, 12.0)
    assert read.steps[0].time_us == 3.0
    assert (read.whole_us, read.device, layer_categories(keras)) == (6.0, "C", {"a": "Conv2D"})
    operators = {
        "model": "int8.tflite", "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack", "threads": 1,
        "whole_us": 9.0, "machine": {"cpu": "C"},
        "rows": [{"name": "a", "opcode": "CONV_2D", "method": "profiler", "time_us": 5.0, "macs": None,
                  "bytes_moved": 3}],
    }  # fmt: skip
    assert read_steps(operators, network="net").steps[0] == Step("a", "CONV_2D", "Conv2D", 0, 0, 3, 1, (5.0,))


@pytest.mark.parametrize("values", [{}, {"rows": []}, {"kind": "keras-layers"}, {"rows": 3, "machine": {"cpu": "x"}}])
def test_anything_else_is_refused(values):
    with pytest.raises(ProfileParseError, match="profile again"):
        read_steps(values)
