"""Rank correlation, its interval and chance, and the explained share, against hand and simulation."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from benchmarks.over_air.agreement import chance_of_as_much, explained, spearman

FIRST = [0.9, 0.8, 0.85, 0.7, 0.6, 0.95, 0.5, 0.4]
SECOND = [0.91, 0.7, 0.8, 0.75, 0.62, 0.9, 0.2, 0.45]


def test_correlation_is_that_of_ranks() -> None:
    ranks = [stats.rankdata(each) for each in (FIRST, SECOND)]
    found, (low, high) = spearman(FIRST, SECOND)
    assert found == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert low < found < high <= 1


def test_the_interval_covers_the_correlation_of_pairs_of_normal_numbers() -> None:
    rng = np.random.default_rng(0)
    true = 6 / np.pi * np.arcsin(0.7 / 2)  # of ranks, where that of the numbers is 0.7
    pairs = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=(400, 8))
    covered = [low <= true <= high for low, high in (spearman(pair[:, 0], pair[:, 1])[1] for pair in pairs)]
    assert 0.9 <= np.mean(covered) <= 0.99


def test_perfect_order_is_as_rare_as_one_in_all_orders() -> None:
    assert chance_of_as_much([1, 2, 3, 4], [10, 20, 30, 40]) == 1 / 24
    assert chance_of_as_much([1, 2, 3, 4], [40, 30, 20, 10]) == 1.0
    assert spearman([1, 2, 3, 4], [1, 2, 3, 4]) == (1.0, (1.0, 1.0))
    few = FIRST[:5]
    as_much = [spearman(few, order)[0] >= spearman(few, SECOND[:5])[0] - 1e-9 for order in permutations(SECOND[:5])]
    assert chance_of_as_much(few, SECOND[:5]) == pytest.approx(np.mean(as_much))


def test_explained_is_all_nothing_or_less() -> None:
    before, after = [0.9, 0.9], [0.8, 0.5]
    assert explained(before, after, after) == 1.0
    assert explained(before, after, before) == 0.0
    assert explained(before, after, [1.0, 1.0]) < 0
    assert explained(before, after, [0.8, 0.7]) == pytest.approx(1 - 0.04 / 0.17)
