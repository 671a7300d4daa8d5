"""Fits to profiles of a made-up device whose rule is known."""

import numpy as np
import pytest
from made_up_device import network, profiles, random_units

from tfkws.errors import BenchmarkError
from tfkws.tflite.latency_model.fit import error_bound, fit_latency_model, held_out_predictions, relative_errors
from tfkws.tflite.latency_model.model import LatencyModel


def test_it_predicts_networks_that_it_has_not_seen_within_its_bound(fitted: LatencyModel) -> None:
    rng = np.random.default_rng(99)
    fresh = [network(random_units(rng), rng, 0.02) for _ in range(200)]
    errors = relative_errors(
        np.array([fitted.predict(n.operators).value for n in fresh]), np.array([n.whole for n in fresh])
    )
    assert fitted.held_out.networks == 40 and fitted.held_out.bound < 0.1
    assert np.mean(errors <= fitted.held_out.bound) >= 0.93  # 0.95 less two standard errors of 200 networks
    assert fitted.fixed == pytest.approx(3, abs=1) and fitted.scale == pytest.approx(1.05, abs=0.02)
    prediction = fitted.predict(fresh[0].operators)
    assert prediction.low < prediction.value < prediction.high
    assert prediction.value / prediction.low == pytest.approx(1 + fitted.held_out.bound)


def test_the_bound_grows_with_what_cannot_be_predicted() -> None:
    noisy = fit_latency_model(profiles(40, noise=0.3))
    assert noisy.held_out.bound > 0.3


def test_the_bound_is_the_rank_that_holds_for_one_more() -> None:
    errors = np.arange(1, 100) / 100
    assert error_bound(errors, 0.95) == pytest.approx(0.95)  # ceil(100 * 0.95) = 95th of 99
    assert error_bound(errors[:10], 0.95) == pytest.approx(0.10)  # too few: the largest
    assert relative_errors(np.array([2.0, 0.5, 1.0]), np.ones(3)) == pytest.approx([1.0, 1.0, 0.0])


def test_too_few_profiles_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="needs 300 operators in 24 networks .* Received 99 in 5"):
        fit_latency_model(profiles(5))


def test_every_network_but_the_anchors_is_predicted_once_by_a_fit_to_others() -> None:
    known = profiles(12, noise=0.0)
    found = held_out_predictions(known)
    wholes = {profile.name: profile.whole for profile in known.networks if not profile.anchor}
    assert found.keys() == wholes.keys()
    inside = [(value, wholes[name]) for name, value in found.items() if value is not None]
    assert len(inside) >= 10
    assert np.median(relative_errors(*np.array(inside).T)) < 0.1
