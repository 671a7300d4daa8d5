"""Paired comparison against SciPy's binomial test and hand-made cases."""

import numpy as np
import pytest
from scipy import stats

from tfkws.errors import DataError
from tfkws.training.paired_comparison import compare, mcnemar_p


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (3, 9), (9, 3), (5, 5), (0, 12), (40, 71)])
def test_mcnemar_is_the_exact_binomial_test(lost: int, won: int) -> None:
    expected = stats.binomtest(lost, lost + won, 0.5).pvalue if lost + won else 1.0
    assert mcnemar_p(lost, won) == pytest.approx(expected)


def test_the_same_model_twice_differs_by_nothing() -> None:
    right = np.arange(50) % 3 > 0
    result = compare(right, right, np.arange(50))
    assert (result.difference, result.difference_interval, result.mcnemar_p) == (0.0, (0.0, 0.0), 1.0)


def test_a_clear_gain_excludes_zero() -> None:
    first, second = np.arange(400) % 2 == 0, np.arange(400) % 4 > 0
    result = compare(first, second, np.arange(400))
    assert result.difference == pytest.approx(0.25)
    assert result.difference_interval[0] > 0
    assert (result.only_first_right, result.only_second_right) == (100, 200)


def test_other_clips_are_refused() -> None:
    with pytest.raises(DataError, match="same clips"):
        compare(np.ones(3, bool), np.ones(4, bool), np.arange(3))
