"""Whole searches with trainings that take no time."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import SearchConfig
from tfkws.errors import JournalError, SearchError
from tfkws.run_folder import read_json
from tfkws.tuner.progress import SearchStatus, read_status
from tfkws.tuner.search import SearchResult, run_search

FAKES = Path(__file__).parents[1] / "fakes"
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
CONFIG = SearchConfig("toy", (20, 15), 100, 300, strategy="nsga2", seed=0)


def search(folder: Path, config: SearchConfig = CONFIG, training: Any = None, **options: Any) -> SearchResult:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    training = training or ToyTraining()
    return run_search(config, training, folder, space=SPACE, known_costs={"macs": toy_macs}, **options)


def suggested(result: SearchResult) -> list[Any]:
    return [(r.stage, dict(r.values)) for r in sorted(result.records, key=lambda r: r.number)]


def test_fifty_trials_in_stages_with_a_fine_tuned_front(tmp_path: Path) -> None:
    search(tmp_path / "warm", replace(CONFIG, stages=(1,), fine_tune_iterations=0))  # imports are not what is timed
    start = time.process_time()
    result = search(tmp_path / "s", replace(CONFIG, stages=(30, 20)))
    assert time.process_time() - start < 5
    stages = [record.stage for record in result.records]
    assert (stages.count(0), stages.count(1)) == (30, 20)
    assert stages.count(2) == len(result.searched_front)
    assert {str(r.values) for r in result.records if r.stage == 2} == {str(r.values) for r in result.searched_front}
    assert result.front and all(r.stage == 2 and r.metrics["iterations"] == 300 for r in result.front)


def test_freezes_hold_in_the_next_stage_and_the_front_is_kept(tmp_path: Path) -> None:
    result = search(tmp_path, replace(CONFIG, stages=(60, 15), freeze_support=0.5))
    frozen = {freeze.param: freeze.value for freeze in result.freezes[0]}
    assert frozen
    later = [r for r in result.records if r.stage == 1]
    assert later and all(r.values[param] == value for r in later for param, value in frozen.items())
    stored = read_json(tmp_path / "freezes.json")["stages"]
    assert stored == [[freeze.to_dict() for freeze in result.freezes[0]]]
    outside = [r for r in result.searched_front if any(r.values[p] != v for p, v in frozen.items())]
    assert all(r.stage == 0 for r in outside)


def test_the_folder_says_everything(tmp_path: Path) -> None:
    result = search(tmp_path)
    front = read_json(tmp_path / "front.json")
    assert [m["number"] for m in front["members"]] == [r.number for r in result.front]
    member = front["members"][0]
    assert {"values", "variant", "model", "folder", "macs", "top1_error", "standard_error"} <= set(member)
    assert (tmp_path / member["folder"]).is_dir()
    assert len(front["hypervolume_history"]) == 35 and front["hypervolume"] == front["hypervolume_history"][-1]
    assert front["hypervolume_history"] == sorted(front["hypervolume_history"])
    assert 0 < front["hypervolume"] < 1
    assert json.loads(json.dumps(read_status(tmp_path).to_dict())) == front
    assert read_json(tmp_path / "config.json")["search"] == json.loads(json.dumps(CONFIG.to_dict()))


def test_failed_candidates_are_recorded_counted_and_not_fatal(tmp_path: Path) -> None:
    from fake_trainings import ToyTraining

    result = search(tmp_path, training=ToyTraining(crash=(0, 3, 4, 5, 6, 7)))
    infeasible = {r.number: r.reason for r in result.records if r.status == "infeasible"}
    assert set(infeasible) == {0, 3, 4, 5, 6, 7}
    assert infeasible[3] == "ValueError: trial 3 was told to fail"
    assert read_status(tmp_path).infeasible == 6
    assert "Traceback" in (tmp_path / "trials" / "0003" / "error.txt").read_text()


def test_a_finished_search_is_only_read(tmp_path: Path) -> None:
    from fake_trainings import ToyTraining

    first = search(tmp_path)
    journal = (tmp_path / "journal.jsonl").read_bytes()
    again = search(tmp_path, training=ToyTraining(crash=tuple(range(99))))
    assert again == first
    assert (tmp_path / "journal.jsonl").read_bytes() == journal


@pytest.mark.parametrize("share", [0.03, 0.3, 0.55, 0.8, 0.97])
def test_cut_anywhere_and_resumed_it_is_the_same_search(share: float, tmp_path: Path) -> None:
    whole = search(tmp_path / "whole")
    search(tmp_path / "cut")
    path = tmp_path / "cut" / "journal.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    (tmp_path / "cut" / "front.json").unlink()
    assert search(tmp_path / "cut") == whole


def test_killed_at_random_moments_it_is_the_same_search(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", str(FAKES / "kill_search.py"), str(tmp_path / "killed"), "40", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 15
    whole = search(tmp_path / "whole")
    assert search(tmp_path / "killed") == whole


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    """With results in the same order; here the order of suggestion, for which processes take turns."""
    from fake_trainings import InTurn, ToyTraining

    config = replace(CONFIG, stages=(12,), fine_tune_iterations=0)
    alone = search(tmp_path / "alone", config)
    together = search(tmp_path / "together", config, training=InTurn(ToyTraining()), workers=3)
    order = [r.number for r in together.records]
    assert order == sorted(order)
    assert suggested(together) == suggested(alone)


def test_a_killed_worker_costs_its_candidate_only(tmp_path: Path) -> None:
    from fake_trainings import ToyTraining

    config = replace(CONFIG, stages=(6,), fine_tune_iterations=0)
    result = search(tmp_path, config, training=ToyTraining(die=(2,), crash=(4,)), workers=2)
    infeasible = {r.number: r.reason for r in result.records if r.status == "infeasible"}
    assert set(infeasible) == {2, 4} and "exit code -9" in infeasible[2]
    assert len(result.records) == 6


def test_whoever_watches_sees_every_change(tmp_path: Path) -> None:
    seen: list[SearchStatus] = []
    search(tmp_path, on_change=seen.append)
    finished = [status.finished for status in seen]
    assert finished == sorted(finished) and finished[-1] == seen[-1].planned
    assert {status.running for status in seen} == {0, 1}
    assert seen[0].seconds_left is None and seen[-1].seconds_left == 0
    # 30 of 35 searched, 5 to come at 0.5 s each, and the front three times as long.
    middle = next(status for status in seen if status.finished == 30)
    assert middle.seconds_left == pytest.approx((5 + 3 * len(middle.members)) * 0.5)


def test_limits_bound_every_candidate(tmp_path: Path) -> None:
    result = search(tmp_path, replace(CONFIG, max_macs=30_000))
    assert all(r.metrics["macs"] <= 30_000 for r in result.records)


@pytest.mark.parametrize("strategy", ["ours", "nsga2"])
def test_what_is_worse_than_the_largest_error_of_interest_is_on_no_front(strategy: str, tmp_path: Path) -> None:
    config = replace(CONFIG, strategy=strategy, stages=(30, 20), fine_tune_iterations=0)
    wide = search(tmp_path / "wide", config)
    narrow = search(tmp_path / "narrow", replace(config, max_error=0.2))
    assert max(r.metrics["top1_error"] for r in wide.searched_front) > 0.2
    assert narrow.searched_front and max(r.metrics["top1_error"] for r in narrow.searched_front) <= 0.2
    near = [sum(r.metrics["top1_error"] <= 0.2 for r in run.records[16:]) for run in (wide, narrow)]
    assert near[1] > 1.2 * near[0]  # it looks where the interest is
    status = read_status(tmp_path / "narrow")
    assert 0 < status.hypervolume < 1 and status.searched_front == [r.number for r in narrow.searched_front]


THREE = replace(CONFIG, objectives=("top1_error", "macs", "latency_us"), strategy="ours", stages=(18, 6))


def test_a_measured_third_objective(tmp_path: Path) -> None:
    from fake_trainings import ToyOnDevice

    result = search(tmp_path, THREE, training=ToyOnDevice())
    for record in result.searched_front:
        better = [r for r in result.records if r.stage < 2 and dominates(r, record, THREE.objectives)]
        assert not better
    member = read_json(tmp_path / "front.json")["members"][0]
    assert member["latency_low_us"] < member["latency_us"] < member["latency_high_us"]
    history = read_status(tmp_path).hypervolume_history
    assert len(history) == 24 and history == sorted(history) and 0 < history[-1] < 1
    assert search(tmp_path, THREE, training=ToyOnDevice()) == result


def dominates(first: Any, second: Any, names: Any) -> bool:
    pairs = [(first.metrics[name], second.metrics[name]) for name in names]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


@pytest.mark.parametrize("early", [True, False])
def test_a_limit_on_what_is_measured_makes_infeasible(early: bool, tmp_path: Path) -> None:
    from fake_trainings import ToyOnDevice, toy_latency_us

    config = replace(THREE, max_latency_us=100.0, strategy="nsga2")
    result = search(tmp_path, config, training=ToyOnDevice(early=early))
    above = {r.number for r in result.records if toy_latency_us(r.values) > 100}
    infeasible = {r.number: r.reason for r in result.records if r.status == "infeasible"}
    assert above and set(infeasible) == above
    assert all("above the limit of 100" in reason for reason in infeasible.values())


def test_a_predicted_cost_bounds_the_draw_and_is_an_objective(tmp_path: Path) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_latency_us, toy_macs

    def predicted(values: Any) -> float:
        return float("inf") if values["width"] > 15 else toy_latency_us(values)

    costs = {"macs": toy_macs, "predicted_latency_us": predicted}
    config = replace(THREE, objectives=("top1_error", "macs", "predicted_latency_us"), predicted=True)
    config = replace(config, max_latency_us=100.0, space="narrow")
    result = run_search(config, ToyTraining(), tmp_path, space=SPACE, known_costs=costs)
    assert all(predicted(r.values) <= 100 for r in result.records)
    assert all(r.metrics["predicted_latency_us"] == predicted(r.values) for r in result.records)


def test_a_small_space_ends_a_stage_early(tmp_path: Path) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    space = SPACE.freeze("kernel", 3).freeze("depth", 2)
    result = run_search(
        replace(CONFIG, stages=(30,)), ToyTraining(), tmp_path, space=space, known_costs={"macs": toy_macs}
    )
    assert sum(r.stage == 0 for r in result.records) == 20


def test_wrong_calls_say_what_to_do(tmp_path: Path) -> None:
    search(tmp_path)
    with pytest.raises(SearchError, match="with another search .seed 0 there, 1 here.; choose another --out"):
        search(tmp_path, replace(CONFIG, seed=1))
    with pytest.raises(SearchError, match="5 workers need a lookahead of at least 4"):
        search(tmp_path / "new", workers=5)
    with pytest.raises(SearchError, match="holds no search"):
        read_status(tmp_path / "nothing")
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"event"', b'"evnt"', 1))
    with pytest.raises(JournalError, match="line 1"):
        search(tmp_path)


def test_two_searches_in_one_folder(tmp_path: Path) -> None:
    class Nested:
        def __call__(self, values: Any, trial: Any) -> Any:
            search(tmp_path)

    with pytest.raises(SearchError, match="failed, the last one because of SearchError: Another search is running"):
        search(tmp_path, replace(CONFIG, stages=(1,), fine_tune_iterations=0), training=Nested())


def test_the_error_of_the_majority_is_kept_when_the_search_goes_on(tmp_path: Path) -> None:
    search(tmp_path, majority_error=0.25)
    assert read_status(tmp_path).majority_error == 0.25
    search(tmp_path)
    assert read_status(tmp_path).majority_error == 0.25
