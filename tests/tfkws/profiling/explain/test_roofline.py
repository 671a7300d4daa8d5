"""Bounds and knees by hand: a machine of 10 GMAC/s float32 and 40 int8, 100 GB/s in 1 KiB, 10 GB/s beyond."""

from typing import Any

import pytest

from tfkws.errors import ProfileParseError
from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.profiling.explain.roofline import Level, Roofline, bounded_steps, limits_of, reached_rates, roofline_bound
from tfkws.profiling.explain.steps import Step, Steps

NEAR, FAR = Level("L2", 1024, 100e9, 80e9), Level("memory", None, 5e9, 10e9)
LIMITS = Roofline("2026", "litert", "1", "xnnpack", 1, {"float32": 10e9, "int8": 40e9}, {}, 9e9, 0.02, (NEAR, FAR), {})


def test_knee_and_levels() -> None:
    assert NEAR.bytes_per_s == 100e9
    assert FAR.bytes_per_s == 10e9  # the higher of copying and reading
    assert LIMITS.knee("float32", NEAR) == pytest.approx(0.1)
    assert LIMITS.knee("int8", FAR) == pytest.approx(4.0)
    assert LIMITS.level_of(1024) is NEAR
    assert LIMITS.level_of(1025) is FAR


def test_multiply_rate_is_the_limit_above_the_knee() -> None:
    found = roofline_bound(
        LIMITS, "float32", macs=100_000, weight_bytes=400, bytes_moved=1_000, all_weight_bytes=400, time_us=20.0
    )
    assert found.intensity == 100.0
    assert found.bound_us == pytest.approx(10.0)
    assert found.share == pytest.approx(0.5)
    assert found.limit == "multiply rate"


def test_bandwidth_is_the_limit_below_it() -> None:
    """600 bytes of activations at 100 GB/s are 6 ns; 400 of weights of a network of 1 MB at 10 GB/s are 40 ns."""
    found = roofline_bound(
        LIMITS, "float32", macs=100, weight_bytes=400, bytes_moved=1_000, all_weight_bytes=10**6, time_us=0.092
    )
    assert found.bound_us == pytest.approx(0.046)
    assert found.limit == "memory"
    assert found.share == pytest.approx(0.5)


def test_activations_that_do_not_fit_come_from_memory() -> None:
    found = roofline_bound(LIMITS, "int8", macs=0, weight_bytes=0, bytes_moved=10_000, all_weight_bytes=0, time_us=0.0)
    assert found.bound_us == pytest.approx(1.0)
    assert (found.limit, found.share, found.intensity) == ("memory", None, 0.0)


def test_arithmetic_without_a_measured_peak_has_no_place() -> None:
    assert arithmetic_of("int8") == "int8"
    assert arithmetic_of("float16 weights") == "float32"
    assert arithmetic_of("int16 activations, int8 weights") is None
    step = Step("a", "CONV_2D", "Conv2D", 100, 10, 100, 1, (1.0,))
    assert bounded_steps(Steps("n", "k", "int16", "s", "d", 1.0, 0.0, (step,)), LIMITS) == ()
    assert bounded_steps(Steps("n", "k", "int8", "s", "d", 1.0, 0.0, (step,)), None) == ()
    assert bounded_steps(Steps("n", "k", "int8", "s", "d", 1.0, 0.0, (step,)), LIMITS)[0].is_below_knee is False


def test_rates_of_steps_shorter_than_the_clock_tells_are_left_out() -> None:
    """3,456 MACs in 0.013 us would be 266 GMAC/s, on a machine of 40: the clock ticked once in three trials."""
    long, short = (Step(n, "CONV_2D", "Conv2D", 3_456, 10, 100, 1, (time,)) for n, time in (("a", 2.0), ("b", 0.013)))
    steps = Steps("n", "k", "int8", "s", "d", 1.0, 0.0, (long, short))
    ((intensity, rate),) = reached_rates(steps, LIMITS)
    assert intensity == pytest.approx(34.56)
    assert rate == pytest.approx(1.728)


def test_round_trip_and_foreign_values() -> None:
    assert Roofline.from_dict(LIMITS.to_dict()) == LIMITS
    assert limits_of({"roofline": LIMITS.to_dict()}) == LIMITS
    assert limits_of({"roofline": None}) is None
    foreign: tuple[dict[str, Any], ...] = ({}, {"levels": []}, LIMITS.to_dict() | {"more": 1})
    for values in foreign:
        with pytest.raises(ProfileParseError, match="no roofline"):
            Roofline.from_dict(values)


def test_a_gpu_is_held_against_what_its_backend_reached() -> None:
    profile = {"kind": "keras-layers", "backend": "jax", "backend_version": "1", "mode": "compiled", "threads": 0,
               "peak_macs_per_s": 1e12, "copy_bytes_per_s": 1e11, "call_us": 5.0, "machine": {},
               "roofline": None}  # fmt: skip
    limits = limits_of(profile)
    assert limits is not None
    assert limits.knee("float32", limits.levels[0]) == pytest.approx(10.0)
