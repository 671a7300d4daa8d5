"""Freezing on fronts made by hand."""

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.freezing import FreezeRule, apply_freezes, propose_freezes
from tfkws.tuner.space import Param, SearchSpace
from tfkws.tuner.trials import TrialRecord

SPACE = SearchSpace("s", "m", (Param("k", (1, 3, 5)), Param("m", (10, 20, 30)), Param("fixed", (7,))))


def front(*pairs: tuple[int, int]) -> list[TrialRecord]:
    return [TrialRecord(i, 0, {"k": k, "m": m, "fixed": 7}, "completed") for i, (k, m) in enumerate(pairs)]


MEMBERS = front((3, 10), (3, 20), (3, 30), (5, 20), (3, 10), (1, 30), (3, 10), (3, 10))  # k=3: 6 of 8; m=10: 4 of 8


def test_the_commonest_value_with_its_support_and_reason() -> None:
    freezes = propose_freezes(MEMBERS, SPACE, FreezeRule(min_support=0.7))
    assert [(freeze.param, freeze.value, freeze.support) for freeze in freezes] == [("k", 3, 0.75)]
    assert freezes[0].reason == "k is 3 in 6 of 8 members of the front (75 %)"


@pytest.mark.parametrize(("support", "params"), [(0.5, ["k", "m"]), (0.75, ["k"]), (0.76, []), (1.0, [])])
def test_the_threshold_counts_from_equal_on(support: float, params: list[str]) -> None:
    assert [freeze.param for freeze in propose_freezes(MEMBERS, SPACE, FreezeRule(support))] == params


def test_freezing_twice_changes_nothing() -> None:
    rule = FreezeRule(0.5)
    once = apply_freezes(SPACE, propose_freezes(MEMBERS, SPACE, rule))
    assert [param.choices for param in once.params] == [(3,), (10,), (7,)]
    assert propose_freezes(MEMBERS, once, rule) == []
    assert apply_freezes(once, []) == once


def test_a_small_front_freezes_nothing() -> None:
    same = front((3, 10), (3, 10), (3, 10), (3, 10))
    assert propose_freezes(same, SPACE, FreezeRule()) == []
    assert len(propose_freezes(same, SPACE, FreezeRule(min_members=4))) == 2


def test_the_order_of_the_front_does_not_matter() -> None:
    even = front((1, 10), (1, 10), (1, 10), (3, 20), (3, 20), (3, 20))
    rule = FreezeRule(0.5)
    assert propose_freezes(even, SPACE, rule) == propose_freezes(even[::-1], SPACE, rule)


def test_members_outside_the_smaller_space_still_count() -> None:
    smaller = SPACE.freeze("k", 3)
    assert [freeze.support for freeze in propose_freezes(MEMBERS, smaller, FreezeRule(0.5))] == [0.5]


def test_a_support_of_nothing_is_refused() -> None:
    with pytest.raises(SearchError, match="above 0"):
        FreezeRule(0.0)
