"""Problems: what is feasible, and what is refused."""

import math
from typing import Any

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR, Objective
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace, integer_param

SPACE = SearchSpace("s", "m", (integer_param("width", 1, 9),))
COSTS: Any = {"macs": lambda values: math.inf if values["width"] == 2 else 100.0 * values["width"]}


@pytest.mark.parametrize(("width", "feasible"), [(1, True), (2, False), (5, True), (6, False)])
def test_feasible_values_have_finite_costs_that_hold_the_limits(width: int, feasible: bool) -> None:
    problem = Problem(SPACE, (TOP1_ERROR, MACS), COSTS, {"macs": 500.0})
    assert problem.feasible({"width": width}) is feasible
    assert Problem(SPACE, (TOP1_ERROR,)).feasible({"width": width})


def test_the_worst_acceptable_value_becomes_a_loss() -> None:
    assert Problem(SPACE, (TOP1_ERROR,)).worst_loss == math.inf
    assert Problem(SPACE, (TOP1_ERROR,), worst=0.3).worst_loss == 0.3
    assert Problem(SPACE, (Objective("accuracy", "max"),), worst=0.7).worst_loss == -0.7


def test_another_space_changes_nothing_else() -> None:
    problem = Problem(SPACE, (TOP1_ERROR, MACS), COSTS, {"macs": 500.0}, worst=0.4)
    smaller = problem.within(SPACE.freeze("width", 3))
    assert smaller.space.size == 1 and smaller.within(SPACE) == problem


def test_objectives_are_needed_each_once() -> None:
    for objectives in ((), (MACS, MACS)):
        with pytest.raises(SearchError, match="at least one objective, each once"):
            Problem(SPACE, objectives)
