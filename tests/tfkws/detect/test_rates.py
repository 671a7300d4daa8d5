"""The Poisson interval against scipy's chi-square quantiles, and how often it holds the rate it is for."""

import math

import numpy as np
import pytest
from scipy import stats

from tfkws.detect.rates import HourlyRate, hours_needed, poisson_cumulative, poisson_interval, total


@pytest.mark.parametrize("events", [0, 1, 2, 3, 10, 57, 400, 5_000])
def test_the_interval_is_garwoods(events: int) -> None:
    low, high = poisson_interval(events)
    wanted_low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    assert low == pytest.approx(wanted_low, rel=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, rel=1e-9)


@pytest.mark.parametrize(("events", "mean"), [(0, 0.0), (0, 2.5), (3, 3.0), (90, 100.0), (5_000, 5_100.0)])
def test_the_cumulative_probability_is_scipys(events: int, mean: float) -> None:
    assert poisson_cumulative(events, mean) == pytest.approx(stats.poisson.cdf(events, mean), rel=1e-8)


@pytest.mark.parametrize("mean", [0.7, 4.0, 30.0])
def test_the_interval_holds_the_mean_in_at_least_95_percent_of_counts(mean: float, rng: np.random.Generator) -> None:
    counts = rng.poisson(mean, 4_000)
    ends = {count: poisson_interval(int(count)) for count in np.unique(counts)}
    assert np.mean([ends[count][0] <= mean <= ends[count][1] for count in counts]) >= 0.945


def test_no_event_is_never_a_rate_of_zero() -> None:
    rate = HourlyRate(0, 2.0)
    assert rate.below == 1.5
    assert poisson_cumulative(0, 3.0) == pytest.approx(0.05, abs=3e-4)  # what "below 3 / T" means
    assert rate.interval == pytest.approx((0.0, -math.log(0.025) / 2))
    assert HourlyRate(1, 2.0).below is None


def test_without_hours_there_is_no_rate() -> None:
    assert HourlyRate(0, 0.0).to_dict() == {
        "events": 0, "hours": 0.0, "per_hour": None, "interval": None, "below": None,
    }  # fmt: skip


def test_what_the_hours_can_show() -> None:
    assert hours_needed(0.5) == 6.0
    assert HourlyRate(0, hours_needed(0.5)).below == 0.5


def test_rates_add_by_events_and_hours() -> None:
    assert total([HourlyRate(2, 1.0), HourlyRate(0, 3.0)]).per_hour == 0.5
    assert total([]) == HourlyRate(0, 0)
