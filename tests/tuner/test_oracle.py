"""The oracle in a user's own keras-tuner script, with trainings that take no time."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
keras_tuner = pytest.importorskip("keras_tuner")

from tfkws.errors import SearchError  # noqa: E402
from tfkws.tuner.fronts.pareto import nondomination_rank  # noqa: E402
from tfkws.tuner.oracle import ParetoOracle  # noqa: E402
from tfkws.tuner.problem.objectives import MACS, Objective, to_losses  # noqa: E402
from tfkws.tuner.records.journal import Journal  # noqa: E402

OBJECTIVES = [keras_tuner.Objective("val_accuracy", "max"), keras_tuner.Objective("macs", "min")]
COSTS: Any = {"macs": lambda values: 1e3 * values["units"] * (2 if values["wide"] else 1)}


def hypermodel(hp: Any) -> Any:
    """A user's build function; what it asks for is the space."""
    import keras

    units, _ = hp.Int("units", 1, 50), hp.Boolean("wide")
    if hp.Choice("kind", ["a", "b"]) == "b":
        with hp.conditional_scope("kind", ["b"]):
            hp.Float("rate", 0.1, 0.9)
    return keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(units)])


class UserTuner(keras_tuner.Tuner):  # type: ignore[name-defined]
    """Trains nothing; `fail` numbers raise, `nan` numbers return NaN."""

    fail: tuple[str, ...] = ()
    nan: tuple[str, ...] = ()

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
        hp = trial.hyperparameters
        if trial.trial_id in self.fail:
            raise RuntimeError("out of luck")
        score = float("nan") if trial.trial_id in self.nan else 1 - 1 / (1 + hp.get("units"))
        return {"val_accuracy": score - 0.1 * (hp.get("kind") == "b")}


def make_tuner(folder: Path, trials: int = 12, seed: Any = 0, kind: Any = UserTuner, **options: Any) -> Any:
    oracle = ParetoOracle(OBJECTIVES, trials, known_costs=COSTS, seed=seed, **({"strategy": "nsga2"} | options))
    return kind(oracle=oracle, hypermodel=hypermodel, directory=str(folder), project_name="p")


def searched(tuner: Any) -> Any:
    tuner.search(verbose=0)
    return tuner.oracle


def suggestions(oracle: Any) -> list[Any]:
    return [dict(r.values) for r in sorted(oracle.history, key=lambda r: r.number)]


def test_a_users_script(tmp_path: Path) -> None:
    oracle = searched(make_tuner(tmp_path))
    assert len(oracle.history) == 12 and {r.status for r in oracle.history} == {"completed"}
    front = oracle.front()
    assert front and all(r.metrics["macs"] == COSTS["macs"](r.values) for r in front)
    assert (tmp_path / "p" / "journal.jsonl").read_text().count("\n") == 24
    inactive = [r.values for r in oracle.history if r.values["kind"] == "a"]
    assert inactive and all("rate" not in values for values in inactive)


def test_best_trials_come_front_by_front(tmp_path: Path) -> None:
    oracle = searched(make_tuner(tmp_path))
    best = oracle.get_best_trials(12)
    by_number = {r.number: r for r in oracle.history}
    ordered = [by_number[int(trial.trial_id)] for trial in best]
    ranks = nondomination_rank(to_losses(ordered, oracle.objectives))
    assert (np.diff(ranks) >= 0).all() and ranks[0] == 0 and ranks[-1] > 0
    assert {r.number for r in ordered[: len(oracle.front())]} == {r.number for r in oracle.front()}
    first_front = [r.metrics["val_accuracy"] for r in ordered[: len(oracle.front())]]
    assert first_front == sorted(first_front, reverse=True)


def test_seed_0_is_a_seed(tmp_path: Path) -> None:
    first, second = (searched(make_tuner(tmp_path / name)) for name in "ab")
    assert first.seed == 0 and suggestions(first) == suggestions(second)
    other = searched(make_tuner(tmp_path / "c", seed=1))
    assert suggestions(other) != suggestions(first)


def test_failures_are_infeasible_and_never_end_the_search(tmp_path: Path) -> None:
    class Unlucky(UserTuner):
        fail = ("01", "02", "03", "04", "05")
        nan = ("07",)

    oracle = searched(make_tuner(tmp_path, kind=Unlucky))
    infeasible = {r.number: r.reason for r in oracle.history if r.status == "infeasible"}
    assert set(infeasible) == {1, 2, 3, 4, 5, 7}
    assert infeasible[1] == "RuntimeError: out of luck" and "val_accuracy is nan" in infeasible[7]
    assert len(oracle.history) == 12


def test_a_resumed_search_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole = searched(make_tuner(tmp_path / "whole", 20))
    make_tuner(tmp_path / "parts", 10).search(verbose=0)
    resumed = searched(make_tuner(tmp_path / "parts", 20))
    assert suggestions(resumed) == suggestions(whole)
    assert len(resumed.history) == 20


def test_an_unfinished_trial_is_handed_out_again(tmp_path: Path) -> None:
    tuner = make_tuner(tmp_path)
    tuner.search(verbose=0)
    tuner = make_tuner(tmp_path, 14)
    started = tuner.oracle.create_trial("tuner0")
    again = make_tuner(tmp_path, 14).oracle.create_trial("tuner0")
    assert (again.trial_id, again.hyperparameters.values) == (started.trial_id, started.hyperparameters.values)


def test_overwrite_starts_anew(tmp_path: Path) -> None:
    make_tuner(tmp_path).search(verbose=0)
    oracle = ParetoOracle(OBJECTIVES, 3, known_costs=COSTS, seed=0)
    tuner = UserTuner(oracle=oracle, hypermodel=hypermodel, directory=str(tmp_path), project_name="p", overwrite=True)
    assert len(searched(tuner).history) == 3


@pytest.mark.parametrize("place", ["suggest", "update"])
def test_an_error_leaves_no_lock_behind(place: str, tmp_path: Path) -> None:
    oracle = make_tuner(tmp_path).oracle
    if place == "suggest":
        oracle.strategy, strategy = _broken, oracle.strategy
        with pytest.raises(ZeroDivisionError):
            oracle.create_trial("one")
        oracle.strategy = strategy
    else:
        trial = oracle.create_trial("one")
        with pytest.raises(keras_tuner.errors.FatalValueError, match="must report val_accuracy"):
            oracle.update_trial(trial.trial_id, {"loss": 1.0})
    other = threading.Thread(target=oracle.create_trial, args=("two",), daemon=True)
    other.start()
    other.join(timeout=20)
    assert not other.is_alive()


def _broken(*_: Any) -> Any:
    raise ZeroDivisionError


def test_a_missing_objective_ends_the_search_at_once(tmp_path: Path) -> None:
    oracle = ParetoOracle(OBJECTIVES, 5, seed=0)  # without known costs, and run_trial returns no MACs
    tuner = UserTuner(oracle=oracle, hypermodel=hypermodel, directory=str(tmp_path), project_name="p")
    with pytest.raises(keras_tuner.errors.FatalValueError, match="must report macs"):
        tuner.search(verbose=0)


def test_limits_hold(tmp_path: Path) -> None:
    oracle = searched(make_tuner(tmp_path, limits={"macs": 9_000}))
    assert all(r.metrics["macs"] <= 9_000 for r in oracle.history)


def test_an_exhausted_space_ends_the_search(tmp_path: Path) -> None:
    hp = keras_tuner.HyperParameters()
    hp.Int("units", 1, 3)
    hp.Fixed("wide", False)
    hp.Fixed("kind", "a")
    oracle = ParetoOracle(
        OBJECTIVES, 10, known_costs=COSTS, seed=0, hyperparameters=hp, tune_new_entries=False, allow_new_entries=True
    )
    tuner = UserTuner(oracle=oracle, hypermodel=hypermodel, directory=str(tmp_path), project_name="p")
    assert sorted(r.values["units"] for r in searched(tuner).history) == [1, 2, 3]


def test_objectives_are_ours_or_keras_tuners() -> None:
    assert ParetoOracle([Objective("e"), MACS]).objectives == (Objective("e"), MACS)
    with pytest.raises(SearchError, match="Received 'val_loss'"):
        ParetoOracle(["val_loss", MACS])


def suggestions_with(in_flight: int, lookahead: int, folder: Path) -> list[Any]:
    """Values of 36 trials of which `in_flight` run at a time and finish in order."""
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.evaluate import Trial
    from tfkws.tuner.problem.keras_tuner_space import to_hyperparameters
    from tfkws.tuner.problem.objectives import TOP1_ERROR

    oracle = ParetoOracle(
        (TOP1_ERROR, MACS),
        known_costs={"macs": toy_macs},
        strategy="nsga2",
        lookahead=lookahead,
        seed=0,
        journal=Journal(folder / "journal.jsonl"),
        hyperparameters=to_hyperparameters(SPACE),
    )
    oracle.verbose = 0
    oracle._set_project_dir(str(folder), "p")
    running: list[Any] = []
    for number in range(36):
        running.append(oracle.create_trial(f"worker{number}"))
        if len(running) == in_flight:
            trial = running.pop(0)
            told = Trial(int(trial.trial_id), 0, 100, folder)
            oracle.update_trial(trial.trial_id, ToyTraining()(trial.hyperparameters.values, told).metrics)
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    return suggestions(oracle)


def test_as_many_trials_at_a_time_as_the_lookahead_allows_change_nothing(tmp_path: Path) -> None:
    one, two, four, five = (suggestions_with(count, 3, tmp_path / str(count)) for count in (1, 2, 4, 5))
    assert one == two == four
    assert one != five  # one more than the lookahead allows
