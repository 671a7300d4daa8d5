"""Times and errors of two searches, from records and journals made up here."""

from pathlib import Path

import pytest
from scipy import stats

from benchmarks.speed.checkouts import BEFORE, NOW
from benchmarks.speed.searches.plan import SEARCHES, TimedSearch
from benchmarks.speed.searches.results import error_change, pairs, read_results, shared
from benchmarks.speed.searches.tables import every_search, now_over_before
from tfkws.run_folder import write_json
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord


def write_search(folder: Path, checkout: str, seconds: list[float], errors: dict[int, float]) -> None:
    """Write the record and journal of a search whose candidates have widths and errors."""
    name = f"paper-table-seed0-{checkout}"
    segments = [{"seconds": each, "peak_bytes": 2**30, "foreign": 0.01} for each in seconds]
    search = {"space": "paper-table", "iterations": 500}
    about = {"search": search, "seed": 0, "checkout": checkout, "commit": "abc"}
    write_json(folder / f"{name}.json", about | {"segments": segments})
    journal = Journal(folder / f"{name}.jsonl")
    for number, (width, error) in enumerate(errors.items()):
        journal.append(TrialRecord(number, 0, {"width": width}))
        journal.append(TrialRecord(number, 0, {"width": width}, "completed", {"top1_error": error, "macs": 1.0}))


def test_candidates_of_both_are_compared(tmp_path: Path) -> None:
    write_search(tmp_path, BEFORE, [1_800.0, 1_800.0], {8: 0.30, 16: 0.20, 24: 0.25, 32: 0.11})
    write_search(tmp_path, NOW, [900.0], {8: 0.31, 16: 0.22, 24: 0.23, 40: 0.05})
    pair = next(pairs(read_results(tmp_path)))
    change = error_change(pair)
    differences = [0.01, 0.02, -0.02]
    expected = stats.t.interval(0.95, 2, loc=sum(differences) / 3, scale=stats.sem(differences))
    assert shared(pair) == 3 and change is not None
    assert (change.low, change.high) == pytest.approx(expected)
    assert [result.trials_an_hour for result in pair] == pytest.approx([4.0, 16.0])
    assert now_over_before(list(pair)).rows[0][2] == "0.25"
    assert "in 2 runs" in every_search(list(pair)).rows[0][3]


def test_searches_without_a_partner_have_no_ratio(tmp_path: Path) -> None:
    write_search(tmp_path, NOW, [900.0], {8: 0.31})
    assert list(pairs(read_results(tmp_path))) == []
    assert read_results(tmp_path / "none") == []


def test_one_candidate_in_common_tells_nothing(tmp_path: Path) -> None:
    write_search(tmp_path, BEFORE, [1.0], {8: 0.30})
    write_search(tmp_path, NOW, [1.0], {8: 0.31})
    assert error_change(next(pairs(read_results(tmp_path)))) is None


def test_the_command_lines_are_those_that_were_asked_for(tmp_path: Path) -> None:
    lines = {search.space: " ".join(search.arguments(tmp_path, tmp_path / "out", 3)) for search in SEARCHES}
    assert "--max-macs 1e7" in lines["paper-table"] and "--max-macs" not in lines["matchboxnet"]
    assert all("--stages 24 --iterations 500 --fine-tune 0" in line and "--seed 3" in line for line in lines.values())
    assert "--stages 2 " in " ".join(TimedSearch("x", (), 2).arguments(tmp_path, tmp_path, 0))
