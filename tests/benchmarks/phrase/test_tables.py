from pathlib import Path
from typing import Any

import pytest

from benchmarks.phrase.tables import (
    _missed,
    best_threshold,
    composed_table,
    costs_table,
    recorded_table,
    triggers_table,
    write_tables,
)
from tfkws.run_folder import write_json


def counts(misses: int, utterances: int, events: int, hours: float, after: tuple[str, ...] = ()) -> dict[str, Any]:
    share = misses / utterances if utterances else None
    rejects = {"misses": misses, "utterances": utterances, "share": share, "interval": [0.0, 0.2], "speakers": 5}
    accepted = [{"time_s": 1.0, "score": 0.9, "after": file} for file in after]
    missed = [{"file": f"computer/{number}.ogg", "start_s": 0.0, "end_s": 1.0} for number in range(misses)]
    rate = {"events": events, "hours": hours}
    return {"rejects": rejects, "false_accepts": rate, "accepted": accepted, "missed": missed}


def record() -> dict[str, Any]:
    points = [
        {"threshold": 0.5, "false_accepts": 9, "hours": 4.0, "misses": 1, "utterances": 10, "doubles": 0},
        {"threshold": 0.8, "false_accepts": 2, "hours": 4.0, "misses": 3, "utterances": 10, "doubles": 0},
        {"threshold": 0.9, "false_accepts": 0, "hours": 4.0, "misses": 6, "utterances": 10, "doubles": 0},
    ]
    files = {
        "computer": counts(2, 10, 0, 0.1),
        "sentences": counts(0, 0, 3, 3.9, ("sentences/1.ogg", "sentences/2.ogg", "")),
    }
    return {
        "run": "computer-quick-text-seed0",
        "recorded": {"files": files, "curve": points},
        "validation": {
            "misses": 1,
            "utterances": 100,
            "missed_interval": [0.0, 0.05],
            "false_accepts": {"events": 3, "hours": 6.0},
        },
        "detector": {"threshold": 0.8, "window_ms": 200.0},
        "model": {"name": "tc_resnet8", "variant": {}},
        "window_s": 1.0,
        "macs": 1.66e6,
        "file_bytes": 83_000,
        "arena_bytes": 10_000,
        "times": {
            "speech": {"seconds": 60.0, "cpu_seconds": 120.0},
            "training": {"seconds": 60.0, "cpu_seconds": 60.0},
        },
    }


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


def test_what_set_it_off_is_counted_by_folder() -> None:
    assert triggers_table([record()]).rows == (
        ("computer-quick-text-seed0", "sentences", "2"),
        ("computer-quick-text-seed0", "no speech", "1"),
    )


def test_costs_and_composed_are_told() -> None:
    assert costs_table([record()]).rows[0][-2:] == ("3.0", "2.0")
    assert composed_table([record()]).rows[0][1] == "1.0 %"


def test_every_table_is_written(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no records"):
        write_tables(tmp_path)
    write_json(tmp_path / "runs" / "one.json", record())
    write_tables(tmp_path)
    names = {path.name for path in tmp_path.glob("*.*")}
    assert names == {
        f"{stem}.{end}" for stem in ("recorded", "composed", "triggers", "costs") for end in ("md", "csv")
    } | {"missed.csv"}
    assert (tmp_path / "missed.csv").read_text().count("computer/") == 2


def test_one_speaker_has_no_interval() -> None:
    rejects = {"misses": 41, "utterances": 72, "share": 41 / 72, "interval": [0.569, 0.569], "speakers": 1}
    assert _missed(rejects) == ("56.9 % (41 of 72)", "one speaker")
    assert _missed(rejects | {"speakers": 2, "interval": [0.4, 0.7]})[1] == "[40.0, 70.0] %"
