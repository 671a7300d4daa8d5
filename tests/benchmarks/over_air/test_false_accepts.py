"""The study of false accepts on made-up scores: thresholds come from validation alone, groups stay apart."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_bundles import write_loudness_bundle
from timeline_folders import write_sentences

from benchmarks.over_air import false_accepts
from benchmarks.over_air.false_accept_tables import (
    clip_thresholds_table,
    detectors_table,
    scenes_table,
    triggers_table,
    write_tables,
)
from benchmarks.over_air.false_accepts import Files, recorded_files, score_one, thinned
from tfkws.detect.events import Utterance
from tfkws.detect.long_audio import HeardAudio
from tfkws.detect.threshold_curve import CurvePoint
from tfkws.detect.timeline.timeline import Scene, SpokenEvent, Timeline
from tfkws.run_folder import read_json

HOURS = 2
TABLES = ("false_accepts", "clip_thresholds", "by_noise", "by_room", "triggers")
FILES: Files = {
    name: [Path(f"{name}.flac")] for name in (*false_accepts.TIMELINES, "recorded", "recorded for validation")
}
CAT = SpokenEvent(0.0, 1.0, "other word", "cat", "cat/a.wav", "a", "testing", "recorded", -26.0, 10.0, "dry")


def made_up(_: Any, path: Path) -> HeardAudio:
    """Scores of two hours: 20 false peaks from 0.5 to 0.88, and 10 words from 0.6 to 0.96 where words are said."""
    seconds = HOURS * 3600.0
    scores = np.zeros(HOURS * 36_000, np.float32)
    scores[1000 : 1000 + 20 * 1000 : 1000] = 0.5 + 0.02 * np.arange(20)
    said: tuple[Utterance, ...] = ()
    if path.stem in ("validation", "words"):
        said = tuple(Utterance("loud", 3000.0 + 60 * n, 3001.0 + 60 * n, f"speaker{n}") for n in range(10))
        scores[30_005 : 30_005 + 10 * 600 : 600] = 0.6 + 0.04 * np.arange(10)
    scenes = (Scene(0.0, seconds, "dry", 10.0, "tap.wav", "all"),) if "recorded" not in path.stem else ()
    timeline = Timeline("composed" if scenes else "recorded", seconds, said, scenes, (CAT,) if scenes else ())
    ends = 1600 * np.arange(1, len(scores) + 1)
    return HeardAudio(path.name, "digest", timeline, ("_other_", "loud"), ends, np.stack([1 - scores, scores], axis=1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(false_accepts, "hear_one", made_up)
    line = score_one((write_loudness_bundle(tmp_path / "ears-int8.kws"), FILES, tmp_path))
    assert line == "ears-int8 scored", line
    return tmp_path


def test_thresholds_are_those_of_validation(folder: Path) -> None:
    record = read_json(folder / "detectors" / "ears-int8.json")
    strict, loose = record["operating_points"]
    assert strict["validation"]["threshold"] == pytest.approx(0.84)  # 3 peaks in 1.99 hours are fewer than 2 an hour
    assert strict["validation"]["false_accepts"] == 3 and loose["validation"]["false_accepts"] == 19
    rows = {row["name"]: row for row in strict["rows"]}
    assert rows["composed"]["false_accepts"]["events"] == 6 and rows["recorded"]["false_accepts"]["events"] == 3
    assert (rows["composed"]["rejects"]["misses"], rows["composed"]["rejects"]["utterances"]) == (6, 10)
    assert set(record["curves"]) == set(false_accepts.GROUPS)


def test_tables_are_made_of_records_alone(folder: Path) -> None:
    write_tables(folder)
    written = {path.name for path in folder.iterdir()} - {"ears-int8.kws", "detectors"}
    tables = {f"{stem}.{end}" for stem in TABLES for end in ("md", "csv")}
    assert written == tables | {"curves.png"}
    records = [read_json(folder / "detectors" / "ears-int8.json")]
    table = detectors_table(records)
    assert len(table.rows) == 6 and "composed audio of validation speakers" in table.note
    assert [row[1] for row in scenes_table(records, "by_snr", "By noise").rows] == ["10 dB"]
    own = clip_thresholds_table(records).rows[0]
    assert own[1] == "0.5000" and own[3].endswith("in 3.99 h)")
    assert triggers_table(records).rows[0] == ("ears-int8", "38", "no speech 38")


def test_a_record_is_not_measured_again_and_a_failure_is_told(folder: Path, tmp_path: Path) -> None:
    assert "has a record" in score_one((tmp_path / "ears-int8.kws", FILES, folder))
    assert "other failed" in score_one((tmp_path / "other.kws", FILES, folder))


def test_recordings_are_halved_as_the_timelines_are(tmp_path: Path) -> None:
    write_sentences(tmp_path / "sentences")
    write_sentences(tmp_path / "words", count=3)
    files = recorded_files(tmp_path)
    assert not set(files["recorded"]) & set(files["recorded for validation"])
    assert len(files["recorded"]) + len(files["recorded for validation"]) == 15
    assert {path.parent.name for path in files["recorded for validation"]} == {"sentences"}


def test_a_curve_is_thinned_to_so_many_points() -> None:
    points = [CurvePoint(n / 1000, 1000 - n, 2.0, n, 1000, 0) for n in range(1, 1000)]
    columns = thinned(points)
    assert len(columns["threshold"]) <= 120 and columns["threshold"][0] == 0.001
    assert len(columns["misses"]) == len(columns["threshold"])
