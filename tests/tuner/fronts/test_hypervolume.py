"""Hypervolumes against closed forms, inclusion and exclusion, and numerical integration."""

import itertools

import numpy as np
import pytest

from tfkws.tuner.fronts.hypervolume import _wfg, expected_gain, hypervolume
from tfkws.tuner.fronts.pareto import pareto_mask


def by_inclusion_and_exclusion(losses: np.ndarray, reference: np.ndarray) -> float:
    total = 0.0
    for size in range(1, len(losses) + 1):
        for subset in itertools.combinations(losses, size):
            corner = np.max(subset, axis=0)
            total += (-1) ** (size + 1) * np.prod(np.clip(reference - corner, 0, None))
    return total


@pytest.mark.parametrize("n", [1, 2, 3, 10, 50])
def test_staircase(n: int) -> None:
    steps = np.stack([np.arange(n), n - 1 - np.arange(n)], axis=1)
    assert hypervolume(steps, np.array([n, n])) == n * n - n * (n - 1) // 2


@pytest.mark.parametrize("objectives", [1, 2, 3, 4, 5])
def test_one_point_is_a_box(objectives: int) -> None:
    assert hypervolume(np.full((1, objectives), 0.5), np.full(objectives, 2.0)) == pytest.approx(1.5**objectives)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_inclusion_and_exclusion(objectives: int, rng: np.random.Generator) -> None:
    for _ in range(25):
        losses = rng.integers(0, 8, size=(rng.integers(1, 8), objectives)).astype(float)
        reference = np.full(objectives, 6.0)
        assert hypervolume(losses, reference) == pytest.approx(by_inclusion_and_exclusion(losses, reference))


@pytest.mark.parametrize("objectives", [2, 3])
def test_fast_paths_equal_the_general_one(objectives: int, rng: np.random.Generator) -> None:
    for _ in range(20):
        losses = rng.random((25, objectives))
        front = losses[pareto_mask(losses)]
        assert hypervolume(losses, np.ones(objectives)) == pytest.approx(_wfg(front, np.ones(objectives)))


@pytest.mark.parametrize("objectives", [2, 3, 4])
def test_order_duplicates_and_dominated_points_change_nothing(objectives: int, rng: np.random.Generator) -> None:
    losses, reference = rng.random((12, objectives)), np.ones(objectives)
    volume = hypervolume(losses, reference)
    assert hypervolume(rng.permutation(losses), reference) == pytest.approx(volume)
    assert hypervolume(np.vstack([losses, losses, losses + 0.01]), reference) == pytest.approx(volume)


def test_one_more_point_never_takes_away(rng: np.random.Generator) -> None:
    losses = rng.random((20, 3))
    volumes = [hypervolume(losses[:n], np.ones(3)) for n in range(21)]
    assert (np.diff(volumes) >= -1e-12).all()
    assert volumes[0] == 0.0


def test_points_beyond_the_reference_add_nothing() -> None:
    reference = np.array([1.0, 1.0])
    assert hypervolume(np.array([[2.0, 0.0], [1.0, 0.5], [np.inf, -np.inf]]), reference) == 0.0
    assert hypervolume(np.array([[0.5, 0.5], [2.0, 0.0]]), reference) == 0.25
    assert hypervolume(np.array([[-np.inf, 0.5]]), reference) == np.inf


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        hypervolume(np.array([[np.nan, 0.0]]), np.ones(2))
    for reference in (np.ones(3), np.array([1.0, np.inf]), np.array([1.0, np.nan])):
        with pytest.raises(ValueError, match="2 finite numbers"):
            hypervolume(np.zeros((1, 2)), reference)


@pytest.mark.parametrize("objectives", [1, 2, 3])
def test_gain_of_a_certain_candidate_is_the_difference_of_hypervolumes(
    objectives: int, rng: np.random.Generator
) -> None:
    front, reference = rng.random((8, objectives)), np.full(objectives, 1.1)
    candidates = rng.random((30, objectives)) * 1.3 - 0.2
    gains = expected_gain(front, reference, candidates[:, :1], np.ones(1), candidates[:, 1:])
    before = hypervolume(front, reference)
    expected = [hypervolume(np.vstack([front, c]), reference) - before for c in candidates]
    assert gains == pytest.approx(np.array(expected), abs=1e-6)
    assert (gains > 0.01).any() and (gains < 1e-6).any()


@pytest.mark.parametrize("objectives", [1, 2, 3])
def test_gain_of_an_uncertain_candidate_is_a_mean(objectives: int, rng: np.random.Generator) -> None:
    front, reference = rng.random((6, objectives)), np.full(objectives, 1.1)
    known, draws = rng.random((4, objectives - 1)) * 0.5, rng.random((4, 5)) * 1.2
    weights = rng.dirichlet(np.ones(5))
    gains = expected_gain(front, reference, draws, weights, known)
    before = hypervolume(front, reference)
    for gain, row, beside in zip(gains, draws, known, strict=True):
        each = [hypervolume(np.vstack([front, [first, *beside]]), reference) - before for first in row]
        assert gain == pytest.approx(weights @ each)


def test_gain_without_a_front_is_all_up_to_the_reference() -> None:
    nothing, reference = np.zeros((0, 2)), np.array([1.0, 1.0])
    gain = expected_gain(nothing, reference, np.array([[0.25]]), np.ones(1), np.array([[0.5]]))
    assert gain == pytest.approx([0.75 * 0.5])
