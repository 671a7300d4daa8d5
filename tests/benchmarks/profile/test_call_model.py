"""A fit gives back what the times were made of."""

import numpy as np
import pytest

from benchmarks.profile.call_model import CallModel, Work, fit_call_model, left_out_seconds
from tfkws.errors import BenchmarkError

WORKS = {
    f"n{i}": Work(calls, int(macs), int(size))
    for i, (calls, macs, size) in enumerate(
        ((50, 4e8, 1e8), (150, 6e6, 9e6), (800, 1e8, 2e8), (660, 9e9, 1e8), (340, 1e7, 3e7))
    )
}


def test_known_coefficients_are_found() -> None:
    truth = CallModel(1e-3, 1e-10, 2e-10)
    fitted = fit_call_model(WORKS, {name: truth.seconds(work) for name, work in WORKS.items()})
    assert (fitted.per_call_s, fitted.per_mac_s, fitted.per_byte_s) == pytest.approx((1e-3, 1e-10, 2e-10))
    assert fitted.parts(WORKS["n0"]) == pytest.approx((0.05, 0.04, 0.02))


def test_no_coefficient_is_negative_and_no_other_such_fit_is_better() -> None:
    """Against a brute-force search around the answer."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        seconds = {name: float(rng.uniform(0.1, 2)) for name in WORKS}
        fitted = fit_call_model(WORKS, seconds)
        best = np.array([fitted.per_call_s, fitted.per_mac_s, fitted.per_byte_s])
        assert (best >= 0).all()

        def error(model: CallModel, seconds: dict[str, float] = seconds) -> float:
            return sum((model.seconds(work) / seconds[name] - 1) ** 2 for name, work in WORKS.items())

        steps = rng.normal(0, 1, (200, 3)) * np.array([1e-4, 1e-11, 1e-10])
        assert all(error(fitted) <= error(CallModel(*np.maximum(best + step, 0))) + 1e-12 for step in steps)


def test_a_network_left_out_is_met_where_the_model_is_true() -> None:
    truth = CallModel(1e-3, 1e-10, 2e-10)
    seconds = {name: truth.seconds(work) for name, work in WORKS.items()}
    assert left_out_seconds(WORKS, seconds) == pytest.approx(seconds)
    odd = left_out_seconds(WORKS, seconds | {"n0": 9.0})
    assert odd["n0"] == pytest.approx(seconds["n0"])  # its own time is not used


def test_too_few_networks() -> None:
    with pytest.raises(BenchmarkError, match="At least 3 networks"):
        fit_call_model(WORKS, {"n0": 1.0, "n1": 2.0})
