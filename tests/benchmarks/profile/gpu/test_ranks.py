"""Spearman's correlation against SciPy's, and an interval that behaves."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from benchmarks.profile.gpu.ranks import RankCorrelation, correlation_text, rank_correlation


def named(values: np.ndarray) -> dict[str, float]:
    return {f"n{i}": float(value) for i, value in enumerate(values)}


def test_the_value_is_scipys_with_ties() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        first, second = rng.integers(0, 6, 12).astype(float), rng.integers(0, 6, 12).astype(float)
        found = rank_correlation(named(first), named(second))
        assert found.value == pytest.approx(spearmanr(first, second).statistic)
        assert found.networks == 12


def test_only_networks_of_both_lists_count() -> None:
    found = rank_correlation({"a": 1, "b": 2, "c": 3, "d": 4, "x": -9}, {"d": 1, "c": 2, "b": 3, "a": 4, "y": 9})
    assert (found.value, found.networks) == (-1.0, 4)


def test_the_interval_holds_the_value_and_narrows_with_more_networks() -> None:
    rng = np.random.default_rng(1)
    widths = []
    for count in (8, 60):
        x = rng.normal(size=count)
        found = rank_correlation(named(x), named(x + rng.normal(size=count)))
        assert found.interval is not None and found.interval[0] <= found.value <= found.interval[1]
        widths.append(found.interval[1] - found.interval[0])
    assert widths[1] < widths[0] / 2


def test_the_interval_covers_the_truth_of_independent_lists_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    found = [rank_correlation(named(rng.normal(size=20)), named(rng.normal(size=20))).interval for _ in range(60)]
    covered = sum(interval is not None and interval[0] <= 0 <= interval[1] for interval in found)
    assert covered >= 50


def test_three_networks_have_no_interval() -> None:
    found = rank_correlation({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "c": 2})
    assert found == RankCorrelation(0.5, None, 3)
    assert correlation_text(found) == "0.50, n = 3"
