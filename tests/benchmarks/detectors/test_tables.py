"""Tables from records made by hand: what is never said, what is never mixed up."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.detectors.tables import write_tables
from tfkws.detect.rates import HourlyRate
from tfkws.detect.rejects import reject_rate
from tfkws.run_folder import write_json

TIMELINES = [("computer-clean", '"computer", clean', True), ("phrases-clean", "phrases, clean", False)]


SAID = ("sentences/a.ogg", "sentences/b.ogg", "")


def counts(missed: list[bool], accepts: int) -> dict[str, Any]:
    return {
        "rejects": reject_rate(missed, [f"{number // 2}.ogg" for number in range(len(missed))]).to_dict(),
        "false_accepts": HourlyRate(accepts, 2.0).to_dict(),
        "doubles": 0,
        "missed": [
            {"file": f"{number // 2}.ogg", "start_s": 1.0, "end_s": 2.0} for number, miss in enumerate(missed) if miss
        ],
        "accepted": [{"time_s": 5.0, "score": 0.9, "after": after} for after in SAID[:accepts]],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page of two engines: one knows the word that was said, the other does not."""
    about = {"source": "composed", "hours": 2.0, "speech_hours": 1.0, "utterances": 4, "recordings": 2}
    write_json(
        tmp_path / "timelines.json",
        [{"name": name, "title": title, "positives": positives, **about} for name, title, positives in TIMELINES],
    )
    machine = {"cpu": "a made-up processor", "cores": 2}
    write_json(tmp_path / "measured.json", {"machine": machine, "absent": ["pvporcupine 1.9.5 is not installed."]})
    for engine, word, accepts in (("ours", "computer", 3), ("theirs", "alexa", 0)):
        for name, _, positives in TIMELINES:
            missed = [True, True, False, False] if positives and word == "computer" else []
            record = {
                "timeline": name,
                "engine": {"name": engine, "package": engine, "version": "1.0", "words": [word],
                           "operating_point": "threshold 0.5", "training": "nothing"},
                "audio_sha256": "00",
                "cpu_share": 0.01,
                "words": {word: counts(missed, accepts)},
            }  # fmt: skip
            write_json(tmp_path / "heard" / engine / f"{name}.json", record)
    return tmp_path


def test_a_detector_without_the_word_has_no_row_among_the_misses(folder: Path) -> None:
    write_tables(folder)
    text = (folder / "misses.md").read_text()
    assert "| ours | computer | 50.0 % (2 of 4)" in text
    assert "theirs" not in text


def test_nothing_heard_is_a_rate_below_three_over_the_hours(folder: Path) -> None:
    write_tables(folder)
    text = (folder / "false_accepts.md").read_text()
    assert "below 1.5 (0 in 2 h)" in text
    assert "1.5 (3 in 2 h) [0.309, 4.38]" in text  # Poisson: 0.6187 and 8.7673 events


def test_packages_that_were_not_there_are_named(folder: Path) -> None:
    write_tables(folder)
    assert "pvporcupine 1.9.5 is not installed." in (folder / "detectors.md").read_text()


def test_the_losers_are_listed_with_file_time_and_digest(folder: Path) -> None:
    write_tables(folder)
    missed = (folder / "missed.csv").read_text().splitlines()
    assert missed[0] == "detector,word,audio,audio_sha256,file,start_s,end_s"
    assert missed[1:] == ["ours,computer,computer-clean,00,0.ogg,1.0,2.0"] * 2
    accepted = (folder / "accepted.csv").read_text().splitlines()
    assert "ours,computer,phrases-clean,00,5.0,0.9,sentences/b.ogg" in accepted


def test_false_accepts_are_counted_by_what_was_said_before(folder: Path) -> None:
    write_tables(folder)
    rows = (folder / "triggers.csv").read_text().splitlines()
    assert "ours,computer,phrases-clean,sentences,2" in rows
    assert "ours,computer,phrases-clean,no speech,1" in rows


def test_what_an_engine_has_not_heard_is_said(folder: Path) -> None:
    (folder / "heard" / "theirs" / "phrases-clean.json").unlink()
    write_tables(folder)
    assert "| theirs | alexa | not heard |" in (folder / "false_accepts.md").read_text()
