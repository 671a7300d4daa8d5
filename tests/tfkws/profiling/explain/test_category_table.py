"""The appendix's equations on numbers that were computed by hand."""

import pytest

from tfkws.profiling.explain.category_table import category_rows, merged
from tfkws.profiling.explain.steps import Step, Steps


def step(
    name: str, category: str, trial_us: tuple[float, ...], macs: int = 0, runs: int = 2, folded: bool = False
) -> Step:
    return Step(name, "x", category, macs, 0, 100, runs, tuple(trial_us), folded)


def steps(*rows: Step) -> Steps:
    return Steps("net", "Keras layers", "float32", "jax", "cpu", 0.0, 0.0, rows)


# Two repeats of two passes: convolutions run 30 + 10 and 50 + 30 µs, the depthwise one 20 and 20, ReLU 40 and 0.
PROFILE = steps(
    step("a", "Conv2D", (30, 50), macs=1_000),
    step("b", "Conv2D", (10, 30), macs=3_000),
    step("c", "DepthwiseConv2D", (20, 20), macs=500),
    step("d", "ReLU and kin", (40, 0)),
)


def test_the_three_sums_and_the_share() -> None:
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


def test_depthwise_convolutions_are_convolutions_unless_asked_for() -> None:
    conv = category_rows(PROFILE)[0]
    assert (conv.category, conv.steps, conv.runtime_us, conv.flops) == ("Conv2D", 3, 80.0, 2 * 4_500 * 2)


def test_layers_without_an_operator_are_folded() -> None:
    layers = {"a": "Conv2D", "a_norm": "BatchNorm", "b_norm": "BatchNorm", "pre_norm": "BatchNorm", "flat": "Other"}
    profile = steps(
        step("a", "Conv2D", (1,)), step("pre_norm", "BatchNorm", (1,)), step("drop", "Dropout", (0,), folded=True)
    )
    rows = {row.category: row for row in category_rows(profile, layers=layers)}
    assert (rows["BatchNorm"].steps, rows["BatchNorm"].folded) == (1, 2)
    assert rows["Conv2D"].folded == 0
    assert set(rows) == {"Conv2D", "BatchNorm"}  # a folded operator is no run, a reshape is not shown as folded


def test_depthwise_convolutions_are_shown_apart_on_request() -> None:
    assert merged("DepthwiseConv2D", depthwise_apart=False) == "Conv2D"
    assert merged("DepthwiseConv2D", depthwise_apart=True) == "DepthwiseConv2D"
    assert merged("Dense", depthwise_apart=False) == "Dense"
