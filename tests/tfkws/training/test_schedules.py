"""Learning rates at the points where their value is known."""

import pytest

from tfkws.config import TrainConfig
from tfkws.training.recipes import RECIPES, get_recipe
from tfkws.training.schedules import Plateau, learning_rate


def test_paper_b_drops_seventy_percent_every_ten_thousand_iterations() -> None:
    rates = [learning_rate(RECIPES["nas-study"], i, 40_000) for i in (0, 9_999, 10_000, 20_000, 39_999)]
    assert rates == pytest.approx([5e-4, 5e-4, 1.5e-4, 4.5e-5, 1.35e-5])


def test_a_shortened_recipe_keeps_the_shape_of_its_schedule() -> None:
    short = get_recipe("nas-study", iterations=400)
    assert [learning_rate(short, i, 400) for i in (99, 100, 399)] == pytest.approx([5e-4, 1.5e-4, 1.35e-5])


def test_cosine_starts_full_halves_midway_and_ends_near_zero() -> None:
    config = TrainConfig(schedule="cosine", learning_rate=2.0, iterations=100)
    assert learning_rate(config, 0, 100) == 2.0
    assert learning_rate(config, 50, 100) == pytest.approx(1.0)
    assert learning_rate(config, 99, 100) < 0.001


def test_warm_up_rises_linearly() -> None:
    config = TrainConfig(schedule="constant", learning_rate=1.0, warmup_iterations=4, iterations=10)
    assert [learning_rate(config, i, 10) for i in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_plateau_halves_after_six_epochs_without_gain() -> None:
    config = TrainConfig(schedule="plateau", plateau_patience=5, plateau_factor=0.5)
    state = Plateau().after(1.0, config)
    factors = []
    for _ in range(12):
        state = state.after(1.0, config)
        factors.append(state.factor)
    assert factors == [1.0] * 5 + [0.5] * 6 + [0.25]
