from pathlib import Path

import pytest
from phrase_records import record, run_record

from benchmarks.phrase.tables import _missed, best_threshold, composed_table, recorded_table, write_tables
from tfkws.run_folder import write_json


def test_misses_and_false_accepts_are_summed_over_files() -> None:
    row = recorded_table([record()]).rows[0]
    assert row[1] == "20.0 % (2 of 10)"
    assert row[3] == "0.75 (3 in 4 h)"
    assert row[5] == "30.0 %"


def test_the_best_threshold_is_the_lowest_that_keeps_to_the_rate() -> None:
    best = best_threshold(record())
    assert best is not None
    assert best["threshold"] == 0.8
    noisy = record()
    noisy["recorded"]["curve"][-1]["false_accepts"] = 3
    assert best_threshold(noisy) is None


def test_the_tracks_of_the_threshold_are_told() -> None:
    assert composed_table([record()]).rows[0][1] == "1.0 %"


def test_records_of_an_earlier_version_stand_in_tables_of_runs_alone(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no records"):
        write_tables(tmp_path)
    write_json(tmp_path / "runs" / "one.json", record())
    write_tables(tmp_path)
    assert "computer-quick-text-seed0" in (tmp_path / "recorded.md").read_text()
    assert "computer-quick-text" not in (tmp_path / "pooled.md").read_text()
    assert "No detector of the present form" in (tmp_path / "README.md").read_text()


def test_every_table_is_written_and_missed_recordings_are_counted_over_seeds(tmp_path: Path) -> None:
    for seed in (0, 1):
        write_json(tmp_path / "runs" / f"{seed}.json", run_record("computer", "text", seed, 2 + seed))
    write_tables(tmp_path)
    names = {path.name for path in tmp_path.glob("*.*")}
    stems = ("pooled", "synthetic", "own_voice", "recorded", "composed", "triggers", "exports", "costs")
    assert names == {f"{stem}.{end}" for stem in stems for end in ("md", "csv")} | {"missed.csv", "README.md"}
    lines = (tmp_path / "missed.csv").read_text().splitlines()
    assert lines[1:] == [
        "computer-quick-text,computer,computer/0.ogg,2",
        "computer-quick-text,computer,computer/1.ogg,2",
        "computer-quick-text,computer,computer/2.ogg,1",
    ]
    assert "none of 2 within the bar; on average 25.0 % missed at 0.75 " in (tmp_path / "README.md").read_text()


def test_one_speaker_has_no_interval() -> None:
    rejects = {"misses": 41, "utterances": 72, "share": 41 / 72, "interval": [0.569, 0.569], "speakers": 1}
    assert _missed(rejects) == ("56.9 % (41 of 72)", "one speaker")
    assert _missed(rejects | {"speakers": 2, "interval": [0.4, 0.7]})[1] == "[40.0, 70.0] %"
    assert _missed(rejects | {"interval": None})[1] == "one speaker"
