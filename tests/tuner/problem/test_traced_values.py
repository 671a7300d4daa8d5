"""Which values a build function reads, and parameters whose range moved."""

from collections.abc import Callable
from typing import Any

import keras_tuner
import pytest

from tfkws.tuner.problem.traced_values import ReadValues, TracedHyperParameters, with_moved

VALUES: dict[str, Any] = {"layers": 1, "units_0": 8, "units_1": 16}


@pytest.mark.parametrize(
    ("read", "used"),
    [
        (lambda values: values["units_0"], {"units_0"}),
        (lambda values: values.get("layers"), {"layers"}),
        (lambda values: "units_1" in values, {"units_1"}),
        (lambda values: list(values), set(VALUES)),
        (lambda values: values.keys(), set(VALUES)),
        (lambda values: values.items(), set(VALUES)),
        (lambda values: values.values(), set(VALUES)),
        (lambda values: None, set(VALUES)),  # nothing was asked for: nobody knows
    ],
)
def test_reading_is_remembered(read: Callable[[ReadValues], Any], used: set[str]) -> None:
    values = ReadValues(VALUES)
    read(values)
    assert values.used == {name: value for name, value in VALUES.items() if name in used}


def searched() -> keras_tuner.HyperParameters:
    known = keras_tuner.HyperParameters()
    for number in range(known.Int("layers", 1, 3, default=1)):
        known.Int(f"units_{number}", 8, 64, step=8)
    for number in (1, 2):
        known.Int(f"units_{number}", 8, 64, step=8)
    return known


def build(hp: Any) -> None:
    for number in range(hp.Int("layers", 1, 3, default=1)):
        hp.Int(f"units_{number}", 8, 64, step=8)


def test_a_build_function_reads_only_the_layers_that_it_makes() -> None:
    traced = TracedHyperParameters(searched())
    assert not traced.built
    build(traced)
    assert traced.built and set(traced.values.used) == {"layers", "units_0"}


@pytest.mark.parametrize(("value", "expected"), [(16, 16), (64, 12)])
def test_a_range_that_moved_is_told_and_a_value_outside_becomes_the_default(value: int, expected: int) -> None:
    known = searched()
    known.values["units_0"] = value
    traced = TracedHyperParameters(known, may_move=True)
    assert traced.Int("units_0", 4, 32, step=4, default=12) == expected
    (moved,) = traced.moved
    assert (moved.name, moved.max_value) == ("units_0", 32)
    changed = {hp.name: hp for hp in with_moved(known, traced.moved).space}
    assert changed["units_0"].max_value == 32 and changed["units_1"].max_value == 64


def test_a_range_may_not_move_where_the_space_was_given() -> None:
    traced = TracedHyperParameters(searched())
    traced.Int("units_0", 4, 32, step=4)
    assert traced.moved == []
