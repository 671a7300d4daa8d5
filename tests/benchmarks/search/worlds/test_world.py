"""The worlds: known costs, noise with heavy tails, failed runs, divergence, parameters without effect."""

import numpy as np
import pytest

from benchmarks.search.worlds.bottleneck import MOST_BLOCKS, RATES, make_bottleneck
from benchmarks.search.worlds.layered import make_layered
from benchmarks.search.worlds.page import FAMILIES
from benchmarks.search.worlds.world import CHANCE, FAILED, World
from tfkws.tuner.strategies.candidates import uniform


def drawn(world: World, count: int) -> list[dict]:
    rng = np.random.default_rng(0)
    return [uniform(world.problem.space, rng) for _ in range(count)]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_instance_is_the_same_again_and_another_is_not(family: str) -> None:
    worlds = [FAMILIES[family](seed) for seed in (3, 3, 4)]
    candidates = drawn(worlds[0], 5)
    first, again = [[world.true_error(values) for values in candidates] for world in worlds[:2]]
    assert first == again and all(0 < error <= CHANCE for error in first)
    other = drawn(worlds[2], 5)
    assert [worlds[2].true_error(values) for values in other] != first


@pytest.mark.parametrize("family", FAMILIES)
def test_shares_grow_with_points_and_stay_within_one(family: str) -> None:
    world = FAMILIES[family](0)
    points = [world.point(values) for values in drawn(world, 30)]
    shares = [world.share(points[:count]) for count in (0, 10, 30)]
    assert 0 == shares[0] < shares[1] <= shares[2] < 1


def test_three_in_a_hundred_runs_fail_and_the_noise_has_heavy_tails() -> None:
    world = make_layered(0)
    values = min(drawn(world, 50), key=world.true_error)
    rng = np.random.default_rng(1)
    shown = [world.train(values, rng) for _ in range(4_000)]
    finished = np.array([error for error in shown if error is not None])
    assert 1 - len(finished) / len(shown) == pytest.approx(FAILED, abs=0.01)
    assert np.median(finished) == pytest.approx(world.true_error(values), abs=0.01)
    off = np.abs(finished - np.median(finished))
    # Of normal noise, one in 22,000 is further off than six median deviations.
    assert np.mean(off > 6 * np.median(off)) > 0.005


def test_a_rate_that_is_too_high_diverges_to_chance() -> None:
    world = make_bottleneck(0)
    rng = np.random.default_rng(0)
    values = {**world.problem.space.values_at([0] * len(world.problem.space.params)), "optimiser": "adam"}
    errors = [world.true_error({**values, "rate": rate}) for rate in RATES]
    assert errors[-1] == CHANCE and errors[0] < CHANCE
    runs = [world.train({**values, "rate": RATES[-1]}, rng) for _ in range(50)]
    assert all(error is None or abs(error - CHANCE) < 0.06 for error in runs)


def test_blocks_that_are_not_there_have_no_effect() -> None:
    world = make_bottleneck(1)
    for values in drawn(world, 20):
        one = {**values, "blocks": 2}
        other = (
            one | {f"expand{i}": 6 for i in range(2, MOST_BLOCKS)} | {f"kernel{i}": 9 for i in range(2, MOST_BLOCKS)}
        )
        assert world.point(one).tolist() == world.point(other).tolist()
        assert world.problem.narrow(one) == world.problem.narrow(other)
