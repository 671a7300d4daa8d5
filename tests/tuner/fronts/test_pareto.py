"""Fronts against the definition of dominance, spelled out."""

import itertools

import numpy as np
import pytest

from tfkws.tuner.fronts.pareto import crowding_distance, nondomination_rank, pareto_mask

INF = np.inf


def dominates(a: np.ndarray, b: np.ndarray) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))


def brute_force_mask(losses: np.ndarray) -> list[bool]:
    return [not any(dominates(other, point) for other in losses) for point in losses]


def brute_force_rank(losses: np.ndarray) -> list[int]:
    """The length of the longest chain of points that dominate one another down to this one."""
    ranks: dict[int, int] = {}

    def rank(i: int) -> int:
        if i not in ranks:
            above = [j for j in range(len(losses)) if dominates(losses[j], losses[i])]
            ranks[i] = 1 + max((rank(j) for j in above), default=-1)
        return ranks[i]

    return [rank(i) for i in range(len(losses))]


@pytest.mark.parametrize("first", list(itertools.product((-INF, -1, 1, INF), repeat=2)))
def test_all_pairs_with_infinities(first: tuple[float, float]) -> None:
    for second in itertools.product((-INF, -1, 1, INF), repeat=2):
        pair = np.array([first, second])
        assert pareto_mask(pair).tolist() == brute_force_mask(pair)
        assert nondomination_rank(pair).tolist() == brute_force_rank(pair)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_random_sets_with_many_ties(objectives: int, rng: np.random.Generator) -> None:
    for _ in range(60):
        losses = rng.integers(0, 5, size=(rng.integers(1, 18), objectives)).astype(float)
        assert pareto_mask(losses).tolist() == brute_force_mask(losses)
        assert nondomination_rank(losses).tolist() == brute_force_rank(losses)


def test_order_and_duplicates_change_nothing(rng: np.random.Generator) -> None:
    losses = rng.integers(0, 6, size=(30, 2)).astype(float)
    order = rng.permutation(30)
    assert (pareto_mask(losses[order]) == pareto_mask(losses)[order]).all()
    assert (pareto_mask(np.vstack([losses, losses])) == np.tile(pareto_mask(losses), 2)).all()


def test_nothing_and_one() -> None:
    assert pareto_mask(np.zeros((0, 2))).shape == (0,)
    assert nondomination_rank(np.zeros((0, 2))).shape == (0,)
    assert crowding_distance(np.zeros((0, 2))).shape == (0,)
    assert pareto_mask(np.array([[INF, INF]])).tolist() == [True]


@pytest.mark.parametrize("function", [pareto_mask, nondomination_rank, crowding_distance])
def test_nan_and_wrong_shapes_are_refused(function: object) -> None:
    with pytest.raises(ValueError, match="NaN in rows \\[1\\]"):
        function(np.array([[0.0, 1.0], [np.nan, 0.0]]))  # type: ignore[operator]
    with pytest.raises(ValueError, match="shape \\(3,\\)"):
        function(np.zeros(3))  # type: ignore[operator]


def test_crowding_of_evenly_spaced_points_is_even() -> None:
    n = 6
    line = np.stack([np.arange(n), np.arange(n)[::-1]], axis=1).astype(float)
    distance = crowding_distance(line)
    assert np.isinf(distance[[0, -1]]).all()
    assert distance[1:-1] == pytest.approx(2 * 2 / (n - 1))


def test_crowding_ignores_a_loss_without_spread() -> None:
    losses = np.array([[0.0, 7.0], [1.0, 7.0], [4.0, 7.0]])
    assert crowding_distance(losses)[1] == pytest.approx(1.0)
