"""Which trial a candidate starts from, and that warm and cold scores are kept apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import SearchConfig
from tfkws.errors import ConfigError
from tfkws.run_folder import read_json
from tfkws.tuner.early_stopping import MIN_CURVES, make_rule
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.proposal import nearest_trained, same_values
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord
from tfkws.tuner.search import SearchResult, run_search

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
CONFIG = SearchConfig("toy", (14, 8), 100, 300, strategy="nsga2", warm_start=True, fine_tune_from="weights")
SPACE = SearchSpace("s", "m", (integer_param("width", 1, 64), Param("kind", ("a", "b", "c"))))


def search(folder: Path, config: SearchConfig = CONFIG, training: Any = None, **options: Any) -> SearchResult:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    return run_search(
        config, training or ToyTraining(), folder, space=SPACE, known_costs={"macs": toy_macs}, **options
    )  # fmt: skip


def trained(number: int, width: int, kind: str, status: Any = "completed") -> TrialRecord:
    return TrialRecord(number, 0, {"width": width, "kind": kind}, status, {"top1_error": 0.1})


def test_the_nearest_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        records = [trained(i, int(rng.integers(1, 65)), str(rng.choice(["a", "b", "c"]))) for i in range(8)]
        asked = {"width": int(rng.integers(1, 65)), "kind": "b"}
        distances = {
            r.number: abs(np.log(r.values["width"] / asked["width"])) / np.log(64) + 0.5 * (r.values["kind"] != "b")
            for r in records
        }
        nearest = min(distances, key=lambda number: (round(distances[number], 9), number))
        assert nearest_trained(records[::-1], asked, SPACE) == nearest


def test_only_completed_trials_have_weights_to_give() -> None:
    asked = {"width": 5, "kind": "a"}
    others = [trained(0, 5, "a", "stopped"), trained(1, 5, "a", "infeasible"), trained(2, 5, "a", "running")]
    assert nearest_trained(others, asked, SPACE) is None
    assert nearest_trained([*others, trained(3, 60, "c")], asked, SPACE) == 3
    assert same_values([trained(3, 5, "a"), trained(4, 6, "a")], asked, before_stage=1) == 3
    assert same_values([trained(3, 5, "a")], asked, before_stage=0) is None


def test_each_trial_starts_from_the_nearest_that_was_finished(tmp_path: Path) -> None:
    from fake_trainings import SPACE

    result = search(tmp_path, replace(CONFIG, early_stopping=False))
    by_number = {record.number: record for record in result.records}
    assert by_number[0].started_from is None and not by_number[0].warm
    for record in (r for r in result.records if r.number > 0 and r.stage < 2):
        seen = [by_number[i] for i in range(max(0, record.number - CONFIG.lookahead))]
        seen = seen if record.stage == 0 else [by_number[i] for i in range(max(14, record.number - CONFIG.lookahead))]
        assert record.started_from == nearest_trained(seen, record.values, SPACE)
    tuned = [record for record in result.records if record.stage == 2]
    assert tuned and all(by_number[r.started_from].values == r.values for r in tuned)  # type: ignore[index]
    # 100 of the 300 iterations were taken by the search.
    assert all(record.metrics["iterations"] == 200 for record in tuned)
    members = read_json(tmp_path / "front.json")["members"]
    assert [m["started_from"] for m in members] == [r.started_from for r in result.front]


def test_trials_are_told_the_folder(tmp_path: Path) -> None:
    seen = {}

    class Watching:
        def __call__(self, values: Any, trial: Any) -> Any:
            from fake_trainings import ToyTraining

            seen[trial.number] = trial.start_from
            return ToyTraining()(values, trial)

    result = search(tmp_path, training=Watching())
    for record in result.records:
        parent = record.started_from
        assert seen[record.number] == (None if parent is None else tmp_path / f"trials/{parent:04d}")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.95])
def test_cut_and_resumed_it_starts_from_the_same_trials(share: float, tmp_path: Path) -> None:
    whole = search(tmp_path / "whole")
    search(tmp_path / "cut")
    path = tmp_path / "cut" / "journal.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    (tmp_path / "cut" / "front.json").unlink()
    assert search(tmp_path / "cut", resume=True) == whole
    assert Journal(path).load() == whole.records


def test_warm_curves_and_rivals_are_not_those_of_cold_trials() -> None:
    costs: Any = {"macs": lambda values: values["macs"]}
    problem = Problem(SearchSpace("s", "m", (Param("macs", (1_000, 2_000)),)), (TOP1_ERROR, MACS), costs)

    def records(count: int, error: float, parent: int | None) -> list[TrialRecord]:
        points = tuple((10 * (i + 1), error * (2 - i / 9)) for i in range(10))
        metrics = {"top1_error": error, "macs": 1_000, "standard_error": 0.001}
        made = TrialRecord(1, 0, {"macs": 1_000}, "completed", metrics, points, started_from=parent)
        return [replace(made, number=parent_number) for parent_number in range(count)]

    cold, warm = records(MIN_CURVES, 0.2, None), records(MIN_CURVES + 1, 0.05, 3)

    def rule(history: list[TrialRecord], *, warm: bool) -> Any:
        return make_rule(history, {"macs": 2_000}, 1, 100, problem, warm=warm)

    assert rule(cold[:-1] + warm, warm=False) is None  # too few cold curves, however many warm ones
    assert rule(cold + warm, warm=False).rival.error == 0.2
    assert rule(cold + warm, warm=True).rival.error == 0.05
    assert {len(rule(cold + warm, warm=kind).curves) for kind in (True, False)} == {MIN_CURVES, MIN_CURVES + 1}


def test_fine_tuning_from_weights_needs_iterations_beyond_the_search() -> None:
    with pytest.raises(ConfigError, match="more than the 100 iterations of the search"):
        replace(CONFIG, fine_tune_iterations=100)
    with pytest.raises(ConfigError, match="scratch or weights"):
        replace(CONFIG, fine_tune_from="nothing")  # type: ignore[arg-type]
    assert replace(CONFIG, fine_tune_from="scratch").fine_tune_steps == 300
