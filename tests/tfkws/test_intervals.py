"""Confidence intervals against scipy's, and against how often they hold what they are for."""

import numpy as np
import pytest
from scipy import stats

from tfkws.intervals import (
    CONFIDENCE,
    LEVEL,
    NORMAL_QUANTILE,
    UPPER_TAIL,
    mean_share_interval,
    normal_half_width,
    percentile_interval,
    perfect_score_bound,
    resampled_counts,
    resampled_mean_interval,
    student_half_width,
)


def test_the_level_is_told_once() -> None:
    assert (CONFIDENCE, LEVEL, UPPER_TAIL, NORMAL_QUANTILE) == (0.95, "95 %", 0.975, 1.96)
    assert pytest.approx(stats.norm.ppf(UPPER_TAIL), abs=5e-3) == NORMAL_QUANTILE
    assert normal_half_width(0.5) == 0.98


def test_percentiles_leave_equal_tails(rng: np.random.Generator) -> None:
    values = rng.normal(size=20_001)
    low, high = percentile_interval(values)
    assert ((values < low).mean(), (values > high).mean()) == pytest.approx((0.025, 0.025), abs=1e-4)


def test_students_interval_is_scipys(rng: np.random.Generator) -> None:
    values = rng.normal(3.0, 2.0, 5)
    low, high = stats.t.interval(0.95, 4, loc=values.mean(), scale=stats.sem(values))
    assert student_half_width(values) == pytest.approx((high - low) / 2)


def test_the_interval_of_a_mean_of_many_repeats_is_students(rng: np.random.Generator) -> None:
    values = rng.normal(3.0, 2.0, 400)
    low, high = resampled_mean_interval(values)
    expected = stats.t.interval(0.95, 399, loc=values.mean(), scale=stats.sem(values))
    assert (low, high) == pytest.approx(expected, abs=0.02)
    assert resampled_mean_interval(np.array([1.0, 5.0])) == (1.0, 5.0)


@pytest.mark.parametrize("units", [1, 10, 300])
def test_the_bound_of_a_perfect_score_is_the_exact_binomial_one(units: int) -> None:
    assert perfect_score_bound(units) == pytest.approx(stats.binomtest(units, units).proportion_ci(0.95).low)


def test_resampling_draws_as_many_as_there_are_and_repeats_by_seed() -> None:
    counts = resampled_counts(7, resamples=400, seed=1)
    assert counts.shape == (400, 7) and (counts.sum(axis=1) == 7).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(7), abs=0.2)
    np.testing.assert_array_equal(counts, resampled_counts(7, resamples=400, seed=1))
    assert (counts != resampled_counts(7, resamples=400, seed=2)).any()


def test_the_interval_of_a_mean_share_is_students_for_small_spreads(rng: np.random.Generator) -> None:
    values = rng.normal(0.6, 0.001, 5)
    low, high = stats.t.interval(0.95, 4, loc=values.mean(), scale=stats.sem(values))
    assert mean_share_interval(values) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize(
    "values", [(0.42, 0.96, 0.82), (0.0, 0.5, 1.0), (0.999, 1.0, 1.0), (0.0, 0.0, 0.1), (0.3, 0.9)]
)
def test_the_interval_of_a_mean_share_stays_inside(values: tuple[float, ...]) -> None:
    low, high = mean_share_interval(np.array(values))
    assert 0 < low < np.mean(values) < high < 1


def test_the_interval_of_a_mean_share_holds_it_about_as_often_as_it_says(rng: np.random.Generator) -> None:
    drawn = 1 / (1 + np.exp(-rng.normal(2.0, 0.5, (2_000, 4))))
    truth = np.mean(1 / (1 + np.exp(-rng.normal(2.0, 0.5, 200_000))))
    held = [low <= truth <= high for low, high in map(mean_share_interval, drawn)]
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_equal_shares_have_no_spread_to_tell(share: float) -> None:
    assert mean_share_interval(np.full(3, share)) == pytest.approx((share, share))
