"""What is tried next, and which trial it starts from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import SearchConfig
from tfkws.errors import ConfigError
from tfkws.run_folder import read_json
from tfkws.tuner.history import History
from tfkws.tuner.problem.objectives import TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.proposal import Stage, nearest_trained, propose, same_values, started, suggest
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord, Values
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


def history_of(folder: Path, count: int) -> History:
    history = History(Journal(folder / "journal.jsonl"), lookahead=1)
    for number in range(count):
        history.suggested(TrialRecord(number, 0, {"width": number + 1, "kind": "a"}))
        history.finished(trained(number, number + 1, "a"))
    return history


def test_a_suggestion_is_recorded_narrowed_and_none_is_where_nothing_is_left(tmp_path: Path) -> None:
    history = history_of(tmp_path, 2)
    stage = Stage(0, Problem(SPACE, (TOP1_ERROR,), narrow=lambda values: {"width": values["width"]}))
    suggest(stage, history, lambda *_: {"width": 9, "kind": "b"}, 0)
    assert list(history.running.values()) == [TrialRecord(2, 0, {"width": 9})]
    suggest(stage, history, lambda *_: None, 0)
    assert len(history.records) == 3


def test_the_queue_comes_first_and_then_the_strategy_is_asked_with_what_is_visible(tmp_path: Path) -> None:
    problem = Problem(SPACE, (TOP1_ERROR,))
    asked: list[int] = []

    def strategy(history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator) -> Values:
        asked.append(sum(record.status == "completed" for record in history))
        return {"width": int(rng.integers(1, 65)), "kind": "b"}

    queue: tuple[Values, ...] = ({"width": 60, "kind": "c"}, {"width": 61, "kind": "c"})
    second = Stage(1, problem, queue)
    history = history_of(tmp_path, 3)
    assert propose(second, history, strategy, seed=0) == queue[0] and not asked
    history.suggested(started(second, history, queue[0]))
    assert propose(second, history, strategy, seed=0) == queue[1]
    history.suggested(started(second, history, queue[1]))
    drawn = [propose(second, history, strategy, seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] == {"width": int(np.random.default_rng((0, 5)).integers(1, 65)), "kind": "b"}
    assert asked == [3, 3, 3]
    propose(Stage(0, problem), history_of(tmp_path / "other", 3), strategy, seed=0)
    assert asked[-1] == 2  # the lookahead hides one result


def test_a_trial_starts_from_what_its_stage_names(tmp_path: Path) -> None:
    problem = Problem(SPACE, (TOP1_ERROR,))
    history = history_of(tmp_path, 3)
    asked: Values = {"width": 50, "kind": "a"}
    assert started(Stage(0, problem), history, asked) == TrialRecord(3, 0, asked)
    stage = Stage(0, problem, start_from=lambda values, visible: nearest_trained(visible, values, SPACE))
    assert started(stage, history, asked).started_from == 1  # trial 2 is nearer, but not yet visible


def test_the_nearest_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        records = [trained(i, int(rng.integers(1, 65)), str(rng.choice(["a", "b", "c"]))) for i in range(8)]
        width = int(rng.integers(1, 65))
        asked: Values = {"width": width, "kind": "b"}
        distances = {
            r.number: abs(np.log(float(r.values["width"]) / width)) / np.log(64) + 0.5 * (r.values["kind"] != "b")
            for r in records
        }
        nearest = min(distances, key=lambda number: (round(distances[number], 9), number))
        assert nearest_trained(records[::-1], asked, SPACE) == nearest


def test_only_completed_trials_have_weights_to_give() -> None:
    asked: Values = {"width": 5, "kind": "a"}
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
    assert search(tmp_path / "cut") == whole
    assert Journal(path).load() == whole.records


def test_fine_tuning_from_weights_needs_iterations_beyond_the_search() -> None:
    with pytest.raises(ConfigError, match="more than the 100 iterations of the search"):
        replace(CONFIG, fine_tune_iterations=100)
    with pytest.raises(ConfigError, match="scratch or weights"):
        replace(CONFIG, fine_tune_from="nothing")  # type: ignore[arg-type]
    assert replace(CONFIG, fine_tune_from="scratch").fine_tune_steps == 300
