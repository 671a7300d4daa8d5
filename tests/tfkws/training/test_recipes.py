"""Recipes hold the papers' values, and keep their shape when they are shortened."""

from pathlib import Path

import pytest

from tfkws.errors import ConfigError
from tfkws.training.recipes import RECIPES, distilled, get_recipe


def test_the_papers_values() -> None:
    a, b, searched = (RECIPES[name] for name in ("wake-word-study", "nas-study", "nas-study-searched"))
    assert (a.epochs, a.optimizer, a.batch_size, a.learning_rate, a.weight_decay) == (75, "sgd", 64, 1e-4, 1e-2)
    assert (a.schedule, a.plateau_patience, a.plateau_factor) == ("plateau", 5, 0.5)
    assert (b.optimizer, b.batch_size, b.learning_rate, b.iterations) == ("adam", 100, 5e-4, 40_000)
    assert (b.schedule, b.step_iterations, b.step_factor) == ("step", 10_000, 0.3)
    assert (searched.learning_rate, searched.batch_size, searched.iterations) == (1e-3, 25, 8_000)


def test_a_shortened_recipe_keeps_its_shape() -> None:
    assert get_recipe("nas-study", iterations=400).step_iterations == 100
    whole = RECIPES["best"]
    assert whole.iterations is not None
    short = get_recipe("best", iterations=whole.iterations // 10)
    assert short.iterations is not None
    assert short.warmup_iterations * 10 <= short.iterations
    horizon, short_horizon = 1 / (1 - whole.average_decay), 1 / (1 - short.average_decay)
    assert short_horizon / short.iterations == pytest.approx(horizon / whole.iterations)
    assert get_recipe("best", iterations=10).average_decay >= 0


@pytest.mark.parametrize("weight", [0.0, -0.1, 1.5])
def test_a_teachers_share_is_a_share(weight: float) -> None:
    with pytest.raises(ConfigError, match="must lie above 0 and not above 1"):
        distilled(RECIPES["best"], Path("teacher"), weight)
