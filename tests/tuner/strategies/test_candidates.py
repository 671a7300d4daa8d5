"""Draws, crossings and changes of candidates, against what they may do."""

from collections import Counter

import numpy as np
import pytest

from tfkws.errors import SearchError
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.candidates import Tried, cross, mutate, project, uniform, untried, within_limits
from tfkws.tuner.strategies.strategies import STRATEGIES

SPACE = SearchSpace("s", "m", (integer_param("width", 1, 20), Param("kind", ("a", "b")), Param("fixed", (7,))))
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": lambda values: 100.0 * float(values["width"])}, {"macs": 500.0})


def test_uniform_draws_every_choice_equally_often(rng: np.random.Generator) -> None:
    drawn = [uniform(SPACE, rng) for _ in range(4_000)]
    counts = Counter(values["width"] for values in drawn)
    assert set(counts) == set(range(1, 21)) and min(counts.values()) > 130 and max(counts.values()) < 270
    assert all(values["fixed"] == 7 for values in drawn)


def test_untried_lists_all_that_is_left_within_the_limits(rng: np.random.Generator) -> None:
    tried: list[TrialRecord] = []
    while (values := untried(Tried(tried, PROBLEM), PROBLEM, rng)) is not None:
        assert PROBLEM.feasible(values) and values not in [record.values for record in tried]
        tried.append(TrialRecord(len(tried), 0, values))
    assert len(tried) == 5 * 2


def test_within_limits_only_makes_smaller(rng: np.random.Generator) -> None:
    small: Values = {"width": 5, "kind": "b", "fixed": 7}
    assert within_limits(small, PROBLEM, rng) == small
    for _ in range(50):
        values = within_limits({"width": 20, "kind": "b", "fixed": 7}, PROBLEM, rng)
        assert PROBLEM.feasible(values)


def test_crossing_takes_from_both_and_only_from_them(rng: np.random.Generator) -> None:
    first: Values = {"width": 1, "kind": "a", "fixed": 7}
    second: Values = {"width": 20, "kind": "b", "fixed": 5}  # from before a freeze
    children = [cross(first, second, SPACE, rng) for _ in range(60)]
    assert {(child["width"], child["kind"]) for child in children} == {(w, k) for w in (1, 20) for k in "ab"}
    assert all(child["fixed"] == 7 for child in children)


def test_mutation_stays_in_the_space_and_spares_frozen_parameters(rng: np.random.Generator) -> None:
    values = SPACE.values_at([9, 0, 0])
    changed = [mutate(values, SPACE, rng) for _ in range(200)]
    assert all(SPACE.contains(other) for other in changed)
    assert {other["kind"] for other in changed} == {"a", "b"} and len({other["width"] for other in changed}) > 10
    frozen = SPACE.freeze("width", 3).freeze("kind", "a")
    assert mutate(frozen.values_at([0, 0, 0]), frozen, rng) == frozen.values_at([0, 0, 0])


def test_projection_takes_the_nearest_choice() -> None:
    smaller = SearchSpace("s", "m", (Param("width", (2, 8, 16)), Param("kind", ("b", "c"))))
    assert project({"width": 7, "kind": "a"}, smaller) == {"width": 8, "kind": "b"}
    assert project({"width": 2, "kind": "c"}, smaller) == {"width": 2, "kind": "c"}


def test_a_limit_that_nothing_holds_says_so() -> None:
    with pytest.raises(SearchError, match="the smallest has {'macs': 1000.0}"):
        STRATEGIES["nsga2"]([], _big_problem(999.0), np.random.default_rng(0))


def _big_problem(limit: float) -> Problem:
    from fake_trainings import toy_macs

    params = [integer_param(name, 1, 200) for name in ("width", "depth")]
    space = SearchSpace("big", "m", (*params, integer_param("kernel", 1, 5, 2)))
    return Problem(space, (TOP1_ERROR, MACS), {"macs": toy_macs}, {"macs": limit})
