"""Comparisons of searches on games made by hand: the criterion is what it says, a small game is fair to everyone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from benchmarks.search.table.compare import Entry, entry, summarise
from benchmarks.search.table.configurations import make_problem
from benchmarks.search.table.game import Synthetic, play
from benchmarks.search.table.players import PLAYERS, unchecked

LIMIT = 2e7
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")


def game(volumes: Sequence[float] | np.ndarray, cost_of_a_trial: float) -> dict[str, Any]:
    costs = np.cumsum(np.full(len(volumes), cost_of_a_trial)).tolist()
    return {"hypervolume": list(volumes), "training_macs": costs, "ask_seconds": [0.1] * len(volumes), "stopped": 1}


def test_ours_must_lead_at_every_mark_and_be_done_at_half_the_cost() -> None:
    rising = np.linspace(0.1, 0.7, 300)
    others = {name: [game(rising * 0.9, 2.0)] * 20 for name in PLAYERS}
    games = others | {"ours": [game(rising**0.5, 1.0)] * 20, "random": [game(rising, 2.0)] * 20}
    games["keras-tuner-bayesian"] = [game(rising[:60] * 0.9, 1.0)]
    found = summarise(games)["criterion"]
    assert found["ours_leads_at"] == {"50": True, "100": True, "300": True}
    to_the_end = ["random", "optuna-nsga2", "optuna-tpe"]
    assert found["against"] == {"50": [*to_the_end, "keras-tuner-bayesian"], "100": to_the_end, "300": to_the_end}
    assert found["played_less"] == {"keras-tuner-bayesian": [1, 60]}
    reached = int(np.argmax(rising**0.5 >= 0.7)) + 1
    assert found["best_rival"] == "random" and found["ours_reaches_its_end_after_trials"] == reached
    assert found["at_share_of_its_training_cost"] == pytest.approx(reached / 600)
    assert found["met"] is None  # one has played less
    games["keras-tuner-bayesian"] = others["keras-tuner-bayesian"]
    assert summarise(games)["criterion"]["met"] is True
    dearer = summarise(games | {"ours": [game(rising**0.5, 4.0)] * 20})["criterion"]
    assert dearer["met"] is False
    behind = summarise(games | {"ours": [game(rising * 0.99, 0.1)] * 20})["criterion"]
    assert behind["ours_leads_at"]["300"] is False and behind["at_share_of_its_training_cost"] is None
    few = summarise(games | {"ours": [game(rising**0.5, 1.0)] * 8})["criterion"]
    absent = summarise({name: rows for name, rows in games.items() if name != "optuna-tpe"})["criterion"]
    assert few["met"] is None and absent["met"] is None


def test_quartiles_are_over_seeds() -> None:
    games = {"ours": [game([0.0] * 24 + [end], 1.0) for end in (0.1, 0.2, 0.3, 0.4, 0.5)]}
    assert summarise(games)["quartiles"]["ours"] == {"25": [0.2, 0.3, 0.4]}


@pytest.mark.parametrize("text, seeds, trials", [("a", 20, 300), ("a:5", 5, 300), ("a:5:100", 5, 100)])
def test_entries_of_fewer_games(text: str, seeds: int, trials: int) -> None:
    assert entry(text, 20, 300) == Entry("a", seeds, trials)


SLOW_PLAYER = pytest.param("keras-tuner-bayesian", marks=pytest.mark.slow)  # a second a suggestion


@pytest.mark.parametrize("name", ["ours", "random", "optuna-nsga2", "optuna-tpe", SLOW_PLAYER])
def test_every_player_stays_within_the_limit_and_its_hypervolume_never_falls(name: str) -> None:
    world = Synthetic(make_problem(10, LIMIT))
    played = play(world, name, seed=1, trials=12)
    assert len(played.hypervolume) == 12 and played.hypervolume == sorted(played.hypervolume)
    spent = np.diff([0.0, *played.training_macs])
    assert (spent <= LIMIT * world.iterations).all() and (spent > 0).all()
    assert play(world, name, seed=1, trials=8).hypervolume == played.hypervolume[:8]


def test_keras_tuners_process_without_checks_predicts_the_same(rng: np.random.Generator) -> None:
    checked = GaussianProcessRegressor(Matern(nu=2.5), alpha=1e-4, normalize_y=True, random_state=1)
    quick = unchecked(checked)
    x, y, asked = rng.random((30, 4)), rng.random(30), rng.random((5, 4))
    checked.fit(x, y)
    quick.fit(x, y)
    expected = checked.predict(asked, return_std=True)
    np.testing.assert_allclose(quick.predict(asked, return_std=True), expected, rtol=1e-9)
