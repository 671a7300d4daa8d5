"""What an oracle's folder keeps: trials, seed and space, without a tuner."""

from pathlib import Path
from typing import Any

import keras_tuner
import pytest

from tfkws.tuner.oracle import ParetoOracle
from tfkws.tuner.problem.objectives import Objective

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")


def opened(folder: Path, seed: int | None = 0, names: tuple[str, ...] = ("width",), *, given: bool = True) -> Any:
    hyperparameters = keras_tuner.HyperParameters()
    for name in names:
        hyperparameters.Int(name, 1, 40)
    settings = {"hyperparameters": hyperparameters} if given else {}
    oracle = ParetoOracle([Objective("top1_error")], 12, seed=seed, strategy="random", **settings)
    oracle.verbose = 0
    oracle._set_project_dir(str(folder), "p")
    return oracle


def finish(oracle: Any, trial: Any) -> None:
    oracle.update_trial(trial.trial_id, {"top1_error": 0.5})
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def test_interrupted_trials_are_handed_out_again_by_their_number(tmp_path: Path) -> None:
    first = opened(tmp_path)
    trials = [first.create_trial(f"tuner{n}") for n in range(3)]
    finish(first, trials[1])
    again = opened(tmp_path)
    assert again.history == []  # nothing is read before a tuner asks
    again.reload()
    assert again.history == first.history
    handed_out = [again.create_trial(f"other{n}") for n in range(3)]
    assert [trial.trial_id for trial in handed_out] == ["00", "02", "03"]
    assert [trial.hyperparameters.get("width") for trial in handed_out[:2]] == [
        trials[n].hyperparameters.get("width") for n in (0, 2)
    ]


def test_seed_and_space_are_those_it_began_with(tmp_path: Path) -> None:
    first = opened(tmp_path, seed=7)
    finish(first, first.create_trial("tuner0"))
    first.save()
    again = opened(tmp_path, seed=None, given=False)
    again.reload()
    assert again.seed == 7
    assert [hp.name for hp in again.hyperparameters.space] == ["width"]
    assert not list(tmp_path.rglob("trial.json"))


def test_a_parameter_that_came_later_is_told_once_a_trial_has_read_it(tmp_path: Path) -> None:
    first = opened(tmp_path)
    finish(first, first.create_trial("tuner0"))
    first.save()
    wider = opened(tmp_path, names=("width", "depth"))
    wider.reload()
    assert wider.stage.problem.added == frozenset()
    trial = wider.create_trial("tuner0")
    finish(wider, trial)
    assert wider.stage.problem.added == {"depth"}
