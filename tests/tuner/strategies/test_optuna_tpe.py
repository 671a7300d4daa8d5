"""What Optuna's estimator is told, and what it proposes."""

import numpy as np

from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.optuna_tpe import ask_optuna
from tfkws.tuner.strategies.strategies import STRATEGIES


def test_tpe_is_told_the_history() -> None:
    space = SearchSpace("line", "m", tuple(integer_param(name, 0, 99) for name in "abc"))
    problem = Problem(space, (Objective("top1_error"),))

    def distance(values: Values) -> float:
        return float(np.mean([abs(float(value) - 70) for value in values.values()]))

    drawn = [STRATEGIES["random"]([], problem, np.random.default_rng(i)) or {} for i in range(40)]
    history = [TrialRecord(i, 0, v, "completed", {"top1_error": distance(v)}) for i, v in enumerate(drawn)]
    asked = [STRATEGIES["tpe"](history, problem, np.random.default_rng(i)) or {} for i in range(10)]
    assert np.mean([distance(values) for values in asked]) < 0.6 * np.mean([distance(values) for values in drawn])


def test_it_proposes_values_of_the_space_and_keeps_frozen_ones() -> None:
    space = SearchSpace("s", "m", (Param("kind", ("a", "b")), integer_param("n", 1, 9, 2), Param("fixed", (7,))))
    problem = Problem(space, (Objective("top1_error"),))
    history = [
        TrialRecord(0, 0, {"kind": "a", "n": 1, "fixed": 7}, "completed", {"top1_error": 0.5}),
        TrialRecord(1, 0, {"kind": "b", "n": 9, "fixed": 5}, "stopped", {"top1_error": 0.4}),  # before it was frozen
        TrialRecord(2, 0, {"kind": "b", "n": 3, "fixed": 7}, "infeasible"),
        TrialRecord(3, 0, {"kind": "b", "n": 5, "fixed": 7}),
    ]
    proposals = list(ask_optuna(history, problem, np.random.default_rng(0), count=5))
    assert len(proposals) == 5 and all(space.contains(values) for values in proposals)
    again = list(ask_optuna(history, problem, np.random.default_rng(0), count=5))
    assert again == proposals
