"""Prices are found again, judged without the network itself, and never negative."""

import numpy as np
import pytest

from benchmarks.profile.gpu.work_fit import cost_of, fit_prices, median_error, predict_left_out
from tfkws.errors import BenchmarkError

TERMS = {
    f"n{i}": (1.0, kernels, macs)
    for i, (kernels, macs) in enumerate([(21, 3e8), (157, 6e6), (879, 1.2e8), (65, 4e8), (39, 1e8)])
}
TRUE = np.array([190.0, 6.2, 1.4e-7])
VALUES = {name: cost_of(TRUE, amounts) for name, amounts in TERMS.items()}


def test_known_prices_are_found() -> None:
    assert fit_prices(TERMS, VALUES) == pytest.approx(TRUE)


def test_prices_beat_every_other_non_negative_choice() -> None:
    """Against a random search around the answer, on values that no prices explain."""
    rng = np.random.default_rng(0)
    table = np.array(list(TERMS.values()))
    for _ in range(20):
        values = {name: float(rng.uniform(100, 9_000)) for name in TERMS}
        measured = np.array(list(values.values()))
        best = fit_prices(TERMS, values)
        assert (best >= 0).all()
        others = np.maximum(best + rng.normal(0, 1, (300, 3)) * (TRUE / 5), 0)
        errors = np.square(others @ table.T / measured - 1).sum(axis=1)
        assert np.square(table @ best / measured - 1).sum() <= errors.min() + 1e-12


def test_a_network_left_out_is_predicted_by_the_others_alone() -> None:
    assert predict_left_out(TERMS, VALUES) == pytest.approx(VALUES)
    odd = predict_left_out(TERMS, VALUES | {"n1": 1e6})
    assert odd["n1"] == pytest.approx(VALUES["n1"])
    assert odd["n0"] != pytest.approx(VALUES["n0"])


def test_a_family_is_left_out_together() -> None:
    families = {name: "one" if name in ("n0", "n1") else name for name in TERMS}
    spoilt = VALUES | {"n1": 1e6}
    assert predict_left_out(TERMS, spoilt, families)["n0"] == pytest.approx(VALUES["n0"])


def test_a_network_that_was_not_measured_is_predicted_by_all() -> None:
    known = {name: value for name, value in VALUES.items() if name != "n4"}
    assert predict_left_out(TERMS, known)["n4"] == pytest.approx(VALUES["n4"])


def test_too_few_networks_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="3 prices need as many networks. Received 2"):
        fit_prices(TERMS, {"n0": 1.0, "n1": 2.0})


def test_the_error_is_the_middle_one_of_networks_with_a_measurement() -> None:
    predicted = {"a": 110.0, "b": 50.0, "c": 100.0, "not measured": 7.0}
    assert median_error(predicted, dict.fromkeys("abc", 100.0)) == pytest.approx(0.1)
