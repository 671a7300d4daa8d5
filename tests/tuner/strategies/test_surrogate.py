"""The Gaussian process: its inputs, and what it predicts of functions that are known."""

import numpy as np

from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.surrogate import features, positions, predict

SPACE = SearchSpace("s", "m", (integer_param("width", 1, 64), Param("kind", ("a", "b", "c")), Param("fixed", (7,))))
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": lambda values: 100.0 * float(values["width"])})


def values(width: int, kind: str) -> Values:
    return {"width": width, "kind": kind, "fixed": 7}


def error(candidate: Values) -> float:
    return 0.5 - 0.05 * float(np.log2(float(candidate["width"]))) + 0.1 * (candidate["kind"] == "c")


def test_features_are_positions_of_free_parameters_and_costs() -> None:
    columns = features([values(1, "a"), values(8, "b"), values(64, "c")], PROBLEM)
    assert np.allclose(columns[:, :2], np.array([[0, 0], [0.5, 0.5], [1, 1]]))
    assert np.allclose(columns[:, 2], np.log10([100, 800, 6_400]) / 4)


def test_positions_of_numbers_that_may_be_zero_are_linear_and_unknown_texts_lie_in_the_middle() -> None:
    assert positions([{"n": 0}, {"n": 5}, {"n": 10}], "n", (0, 5, 10)).tolist() == [0.0, 0.5, 1.0]
    assert positions([{"n": "z"}], "n", ("x", "y")).tolist() == [0.5]


def test_a_smooth_error_is_learned(rng: np.random.Generator) -> None:
    drawn = [values(int(rng.integers(1, 65)), str(rng.choice(["a", "b", "c"]))) for _ in range(60)]
    records = [TrialRecord(i, 0, v, "completed", {"top1_error": error(v)}) for i, v in enumerate(drawn[:40])]
    targets = np.array([error(v) for v in drawn[:40]])
    mean, deviation = predict(records, targets, drawn, PROBLEM)
    assert np.abs(mean[40:] - [error(v) for v in drawn[40:]]).max() < 0.03
    assert (deviation > 0).all()
    again = predict(records, targets, drawn, PROBLEM)
    assert np.array_equal(again[0], mean) and np.array_equal(again[1], deviation)


def test_what_is_far_from_all_trained_candidates_is_less_certain() -> None:
    trained = [values(width, "a") for width in range(1, 13)]
    records = [TrialRecord(i, 0, v, "completed", {"top1_error": error(v)}) for i, v in enumerate(trained)]
    targets = np.array([error(v) for v in trained])
    _, deviation = predict(records, targets, [values(6, "a"), values(64, "c")], PROBLEM)
    assert deviation[1] > 2 * deviation[0]
