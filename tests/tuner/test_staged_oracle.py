"""`tfkws search` and a plain keras-tuner script: one oracle, one journal."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
keras_tuner = pytest.importorskip("keras_tuner")

from fake_trainings import SPACE, ToyTraining, toy_macs  # noqa: E402

from tfkws.config import SearchConfig  # noqa: E402
from tfkws.tuner.evaluate import Trial  # noqa: E402
from tfkws.tuner.oracle import ParetoOracle  # noqa: E402
from tfkws.tuner.problem.keras_tuner_space import to_hyperparameters  # noqa: E402
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR  # noqa: E402
from tfkws.tuner.problem.problem import Problem  # noqa: E402
from tfkws.tuner.proposal import Stage  # noqa: E402
from tfkws.tuner.records.journal import Journal  # noqa: E402
from tfkws.tuner.records.trials import TrialRecord  # noqa: E402
from tfkws.tuner.search import run_search  # noqa: E402
from tfkws.tuner.staged_oracle import StagedOracle  # noqa: E402

CONFIG = SearchConfig("toy", (24,), 100, 0, strategy="nsga2", early_stopping=False, seed=0)
TRAINING = ToyTraining(crash=(2, 7, 8))
PROBLEM = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})


class Script(keras_tuner.Tuner):  # type: ignore[name-defined]
    """What a user writes: a trial is evaluated, and all of its numbers are returned."""

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
        told = Trial(int(trial.trial_id), 0, 100, Path("unused"))
        return dict(TRAINING(trial.hyperparameters.values, told).metrics)


def events(journal: Path) -> list[str]:
    """The lines of a journal but for the curves, which keras-tuner does not know."""
    assert all(record.status != "running" for record in Journal(journal).load())
    return [line.partition('"curve"')[0] + line.partition('"reason"')[2] for line in journal.read_text().splitlines()]


@pytest.mark.parametrize("strategy", ["random", "nsga2", "ours"])
def test_a_search_and_a_keras_tuner_script_write_the_same_journal(strategy: str, tmp_path: Path) -> None:
    config = replace(CONFIG, strategy=strategy)
    run_search(config, TRAINING, tmp_path / "search", space=SPACE, known_costs={"macs": toy_macs})
    oracle = ParetoOracle(
        PROBLEM.objectives,
        max_trials=24,
        known_costs=PROBLEM.known_costs,
        strategy=strategy,
        seed=0,
        hyperparameters=to_hyperparameters(SPACE),
    )
    Script(oracle=oracle, directory=str(tmp_path), project_name="script").search(verbose=0)
    ours = events(tmp_path / "search" / "journal.jsonl")
    assert len(ours) == 48 and ours == events(tmp_path / "script" / "journal.jsonl")
    assert [record.status for record in oracle.history].count("infeasible") == 3


def next_trial(oracle: StagedOracle) -> TrialRecord:
    record = oracle.next_trial()
    assert record is not None
    return record


def finish(oracle: StagedOracle, record: TrialRecord) -> None:
    oracle.finish(record, TRAINING(record.values, Trial(record.number, record.stage, 100, Path("unused"))))


def test_an_interrupted_trial_is_handed_out_in_its_own_stage_only(tmp_path: Path) -> None:
    small = PROBLEM.within(SPACE.freeze("kernel", 3).freeze("depth", 2).freeze("width", 4))
    oracle = StagedOracle(small, CONFIG, tmp_path)
    finish(oracle, next_trial(oracle))
    assert oracle.next_trial() is None  # the space has one candidate
    tuning = Stage(1, PROBLEM, ({"width": 4, "depth": 2, "kernel": 3},))
    oracle.start_stage(tuning)
    interrupted = next_trial(oracle)
    again = StagedOracle(small, CONFIG, tmp_path)
    assert again.next_trial() is None
    again.start_stage(tuning)
    assert next_trial(again) == interrupted


def test_trials_run_side_by_side_and_finish_in_any_order(tmp_path: Path) -> None:
    oracle = StagedOracle(PROBLEM, CONFIG, tmp_path)
    first, second, third = (next_trial(oracle) for _ in range(3))
    finish(oracle, second)
    oracle.finish(first, "its process died")
    assert [(r.number, r.status) for r in oracle.history] == [(1, "completed"), (0, "infeasible"), (2, "running")]
    assert oracle.history[0].curve and oracle.history[1].reason == "its process died"
    assert next_trial(oracle).number == 3 and oracle.trials_so_far.running[2] == third


def test_an_unusable_measurement_makes_infeasible(tmp_path: Path) -> None:
    oracle = StagedOracle(PROBLEM, CONFIG, tmp_path)
    record = next_trial(oracle)
    measured = TRAINING(record.values, Trial(0, 0, 100, tmp_path))
    oracle.finish(record, replace(measured, top1_error=float("nan")))
    assert (oracle.history[0].status, oracle.history[0].reason) == ("infeasible", "top1_error is nan.")
