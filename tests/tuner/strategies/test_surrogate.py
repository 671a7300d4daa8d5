"""The surrogate: its inputs, the scale on which it learns, and what it predicts of functions that are known."""

import numpy as np
import pytest

from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import Values
from tfkws.tuner.strategies.surrogate import CUT, WEIGHTS, features, fit_surrogate, points, positions, scale_of

SPACE = SearchSpace("s", "m", (integer_param("width", 1, 64), Param("kind", ("a", "b", "c")), Param("fixed", (7,))))
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": lambda values: 100.0 * float(values["width"])})


def values(width: int, kind: str) -> Values:
    return {"width": width, "kind": kind, "fixed": 7}


def error(candidate: Values) -> float:
    return 0.5 - 0.05 * float(np.log2(float(candidate["width"]))) + 0.1 * (candidate["kind"] == "c")


def drawn(rng: np.random.Generator, count: int) -> list[Values]:
    return [values(int(rng.integers(1, 65)), str(rng.choice(["a", "b", "c"]))) for _ in range(count)]


def test_features_are_positions_of_free_parameters_and_costs() -> None:
    columns = features([values(1, "a"), values(8, "b"), values(64, "c")], PROBLEM)
    assert np.allclose(columns[:, :2], np.array([[0, 0], [0.5, 0.5], [1, 1]]))
    assert np.allclose(columns[:, 2], np.log10([100, 800, 6_400]) / 4)


def test_points_hold_no_costs_and_any_two_texts_are_one_apart() -> None:
    columns, groups = points([values(1, "a"), values(1, "b"), values(1, "c"), values(64, "a")], PROBLEM)
    assert groups.tolist() == [0, 1, 1, 1]
    distances = np.linalg.norm(columns[:, None] - columns, axis=2)
    assert distances[:3, :3] == pytest.approx(1 - np.eye(3)) and distances[0, 3] == pytest.approx(1.0)


def test_positions_of_numbers_that_may_be_zero_are_linear_and_unknown_texts_lie_in_the_middle() -> None:
    assert positions([{"n": 0}, {"n": 5}, {"n": 10}], "n", (0, 5, 10)).tolist() == [0.0, 0.5, 1.0]
    assert positions([{"n": "z"}], "n", ("x", "y")).tolist() == [0.5]


@pytest.mark.parametrize(
    ("losses", "learned"),
    [((0.5, 0.9, 0.0), (0.0, np.log(9), None)), ((-0.5, -0.1), (0.0, np.log(9))), ((2.0, 0.5), (2.0, 0.5))],
)
def test_shares_are_learned_by_their_logit_and_come_back(
    losses: tuple[float, ...], learned: tuple[float | None, ...]
) -> None:
    scale = scale_of(np.array(losses))
    found = scale.learned(np.array(losses))
    assert np.isfinite(found).all()
    for one, expected in zip(found, learned, strict=True):
        assert expected is None or one == pytest.approx(expected)
    assert scale.to_losses(found) == pytest.approx(np.array(losses), abs=2e-3)


def test_a_smooth_error_is_learned(rng: np.random.Generator) -> None:
    candidates = drawn(rng, 60)
    losses = np.array([error(candidate) for candidate in candidates])
    surrogate = fit_surrogate(candidates[:40], losses[:40], PROBLEM)
    assert np.abs(surrogate.middle(candidates[40:]) - losses[40:]).max() < 0.03
    again = fit_surrogate(candidates[:40], losses[:40], PROBLEM)
    assert np.array_equal(again.draws(candidates), surrogate.draws(candidates))


def test_draws_are_a_distribution_around_the_middle(rng: np.random.Generator) -> None:
    candidates = drawn(rng, 30)
    surrogate = fit_surrogate(candidates[:15], np.array([error(one) for one in candidates[:15]]), PROBLEM)
    draws = surrogate.draws(candidates)
    assert WEIGHTS.sum() == pytest.approx(1.0) and ((draws > 0) & (draws < 1)).all()
    below = (draws < surrogate.middle(candidates)[:, None]) @ WEIGHTS
    assert below == pytest.approx(np.full(30, 0.5))


def test_what_is_far_from_all_trained_candidates_is_less_certain() -> None:
    trained = [values(width, "a") for width in range(1, 13)]
    surrogate = fit_surrogate(trained, np.array([error(one) for one in trained]), PROBLEM)
    spread = np.ptp(surrogate.draws([values(6, "a"), values(64, "c")]), axis=1)
    assert spread[1] > 1.5 * spread[0]


def test_how_bad_a_diverged_training_is_teaches_nothing(rng: np.random.Generator) -> None:
    candidates = drawn(rng, 25)
    losses = np.array([error(candidate) for candidate in candidates])
    bad, worse = losses.copy(), losses.copy()
    bad[3], worse[3] = 0.97, 0.99
    predicted = [fit_surrogate(candidates, changed, PROBLEM).middle(candidates) for changed in (bad, worse)]
    assert np.array_equal(predicted[0], predicted[1])
    learned = np.log(losses / (1 - losses))
    assert np.log(0.97 / 0.03) > np.median(learned) + CUT * np.median(np.abs(learned - np.median(learned)))
