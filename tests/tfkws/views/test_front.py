"""The front of a published search, and of one that is on its way."""

import json
from pathlib import Path
from typing import Any

import pytest

from tfkws.views.front import (
    finished_trials,
    freezes_table,
    front_table,
    next_step,
    progress_sentence,
    search_sentence,
)

FOLDER = Path(__file__).parents[3] / "artifacts" / "published" / "search" / "paper-joint"


@pytest.fixture
def status() -> Any:
    return json.loads((FOLDER / "front.json").read_text())


def test_one_row_a_member(status: dict[str, Any]) -> None:
    table = front_table(status)
    first = status["members"][0]
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert shown["TOP-1 error"] == f"{100 * first['top1_error']:.1f} ± {100 * first['standard_error']:.1f} %"
    assert (shown["trial"], shown["MACs"]) == ("50", "18.8 M")
    assert table.title == progress_sentence(status)


def test_further_objectives_have_their_columns(status: dict[str, Any]) -> None:
    member = status["members"][0] | {"predicted_latency_us": 1520.0, "instructions": 2e6, "started_from": 3}
    objectives = ["top1_error", "macs", "predicted_latency_us", "instructions"]
    table = front_table(status | {"objectives": objectives, "members": [member]})
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert (shown["predicted latency"], shown["instructions"]) == ("1.52 ms", "2 M")
    assert shown["trial"] == "50 (from 3)"


def test_the_time_left_is_told_until_the_end(status: dict[str, Any]) -> None:
    going = status | {"seconds_left": 600.0, "planned": finished_trials(status) + 4, "running": 2}
    assert "(2 running, " in progress_sentence(going)
    assert progress_sentence(going).endswith(", about 10 min left")
    assert "left" not in progress_sentence(going | {"planned": finished_trials(status)})
    assert "left" not in progress_sentence(going | {"seconds_left": None})


BUDGET = {"limits": {"file_kib": 60, "latency_p95_us": 2000.0, "macs": 2e7}, "best_under_budget": 9}


def test_the_best_under_budget_is_named_with_what_it_takes_and_converted_next(status: dict[str, Any]) -> None:
    first = status["members"][0]
    taken = {"number": 9, "file_kib": 58.24, "latency_p95_us": 1900.0, "top1_error": 0.21, "standard_error": 0.01}
    small, best = (first | taken | other for other in ({"number": 4, "file_kib": 40.0, "top1_error": 0.3}, {}))
    budget = status | BUDGET | {"members": [small, best], "planned": finished_trials(status)}
    sentence, folder, line = next_step(budget, "a search").splitlines()
    told = "file 58.2 KiB of 60.0 KiB, latency p95 1.9 ms of 2 ms, MACs 18.8 M of 20 M."
    assert sentence == f"Best under budget: trial 9, TOP-1 error 21.0 ± 1.0 %, {told}"
    assert (folder, line) == ("a search", "Next: tfkws convert 'a search':9 --quantize int8")
    shown = dict(zip(front_table(budget).columns, front_table(budget).rows[1], strict=True))
    assert (shown["file"], shown["latency p95"]) == ("58.2 KiB", "1.9 ms")


def test_a_front_above_the_budget_says_so(status: dict[str, Any]) -> None:
    above = status | BUDGET | {"best_under_budget": None, "planned": finished_trials(status)}
    sentence, folder = next_step(above, "there").splitlines()
    assert sentence.startswith("No member of the front is under the budget: file 60.0 KiB, ") and folder == "there"


def test_what_was_searched(status: dict[str, Any]) -> None:
    config = {"space": "s", "strategy": "ours", "stages": [3, 5], "iterations": 100, "fine_tune_iterations": 400}
    sentence = search_sentence(config, status | {"fine_tuned": True})
    assert "stages of 3, 5 candidates, 100 iterations each, the front fine-tuned with 400" in sentence
    assert "fine-tuned" not in search_sentence(config, status | {"fine_tuned": False})


def test_what_was_frozen() -> None:
    freeze = {"param": "k", "value": 3, "support": 0.75, "reason": "k is 3 in 3 of 4"}
    rows = freezes_table([[], [freeze]]).rows
    assert rows == (("2", "k", "3", "75.0 %", "k is 3 in 3 of 4"),)
    assert freezes_table([[]]).rows == ()


def test_the_majority_stands_beside_the_front_and_collapsed_members_are_named(status: dict[str, Any]) -> None:
    assert "Always answering" not in front_table(status).note
    good, collapsed = (status["members"][0] | {"standard_error": 0.01, "number": n} for n in (4, 9))
    members = [good | {"top1_error": 0.19}, collapsed | {"top1_error": 0.226}]
    note = front_table(status | {"members": members, "majority_error": 0.226}).note
    assert "Always answering the commonest class has 22.6 %." in note
    assert note.endswith("No better than that by their intervals: trials 9.")
    assert "No better" not in front_table(status | {"members": members[:1], "majority_error": 0.226}).note
