"""The trials of published searches as a table, against their journals."""

import json
from pathlib import Path

import pytest

from tfkws.errors import JournalError
from tfkws.tuner.records.frame import trials_frame

SEARCH = Path(__file__).parents[3] / "artifacts" / "published" / "search" / "matchboxnet"


def test_each_trial_has_one_row_of_flat_columns() -> None:
    frame = trials_frame(SEARCH)
    lines = [json.loads(line) for line in (SEARCH / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    finished = {line["number"]: line for line in lines if line["event"] == "finished"}
    assert list(frame.index) == sorted(finished)
    for number, line in finished.items():
        row = frame.loc[number]
        assert (row["stage"], row["status"]) == (line["stage"], line["status"])
        assert all(row[name] == value for name, value in line["metrics"].items())
        assert all(row[f"value.{name}"] == value for name, value in line["values"].items())
    assert frame[frame.status == "completed"]["top1_error"].between(0, 1).all()
    assert trials_frame(SEARCH / "journal.jsonl").equals(frame)


def test_a_search_without_trials_is_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("")
    assert len(trials_frame(tmp_path)) == 0


def test_a_folder_without_a_journal_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="holds no journal.jsonl; give the folder of a `tfkws search`"):
        trials_frame(tmp_path)
