"""Freezing on fronts made by hand."""

from collections import Counter
from itertools import product

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.freezing import FreezeRule, apply_freezes, chance_of, propose_freezes
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import TrialRecord

SPACE = SearchSpace("s", "m", (Param("k", (1, 3, 5)), Param("m", (10, 20, 30)), Param("fixed", (7,))))


def front(*pairs: tuple[int, int]) -> list[TrialRecord]:
    return [TrialRecord(i, 0, {"k": k, "m": m, "fixed": 7}, "completed") for i, (k, m) in enumerate(pairs)]


MEMBERS = front((3, 10), (3, 20), (3, 30), (5, 20), (3, 10), (1, 30), (3, 10), (3, 10))  # k=3: 6 of 8; m=10: 4 of 8


def test_the_commonest_value_with_its_support_and_reason() -> None:
    freezes = propose_freezes(MEMBERS, SPACE, FreezeRule(min_support=0.7))
    assert [(freeze.param, freeze.value, freeze.support) for freeze in freezes] == [("k", 3, 0.75)]
    assert freezes[0].reason == "k is 3 in 6 of 8 members of the front (75 %); chance alone does that in 5.9 %"


@pytest.mark.parametrize(("support", "params"), [(0.5, ["k", "m"]), (0.75, ["k"]), (0.76, []), (1.0, [])])
def test_the_threshold_counts_from_equal_on(support: float, params: list[str]) -> None:
    assert [freeze.param for freeze in propose_freezes(MEMBERS, SPACE, FreezeRule(support, max_chance=1))] == params


def test_freezing_twice_changes_nothing() -> None:
    rule = FreezeRule(0.5, max_chance=1)
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
    rule = FreezeRule(0.5, max_chance=1)
    assert propose_freezes(even, SPACE, rule) == propose_freezes(even[::-1], SPACE, rule)


def test_members_outside_the_smaller_space_still_count() -> None:
    smaller = SPACE.freeze("k", 3)
    assert [freeze.support for freeze in propose_freezes(MEMBERS, smaller, FreezeRule(0.5, max_chance=1))] == [0.5]


@pytest.mark.parametrize(("shared", "members", "choices"), [(4, 5, 3), (5, 5, 3), (6, 8, 3), (3, 4, 2), (5, 6, 4)])
def test_chance_is_the_share_of_random_fronts_that_agree_so(shared: int, members: int, choices: int) -> None:
    drawn = product(range(choices), repeat=members)
    agreeing = sum(max(Counter(values).values()) >= shared for values in drawn)
    assert chance_of(shared, members, choices) == pytest.approx(agreeing / choices**members)


def test_what_chance_does_one_time_in_seven_freezes_nothing() -> None:
    four_of_five = front((1, 10), (1, 20), (1, 30), (1, 10), (5, 20))
    assert propose_freezes(four_of_five, SPACE, FreezeRule()) == []
    assert [f.param for f in propose_freezes(four_of_five, SPACE, FreezeRule(max_chance=0.14))] == ["k"]


def test_a_support_of_nothing_is_refused() -> None:
    with pytest.raises(SearchError, match="above 0"):
        FreezeRule(0.0)
