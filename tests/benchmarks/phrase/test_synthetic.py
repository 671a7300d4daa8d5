from pathlib import Path

import pytest
from fake_voices import ToneEngine, install_engine
from phrase_folders import words_folder

from benchmarks.phrase import synthetic
from benchmarks.phrase.synthetic import TAKES, compose_synthetic
from tfkws.detect.timeline.timeline import read_timeline
from tfkws.speech.voice import split_of


def test_a_phrase_that_nobody_recorded_is_laid_in_voices_that_no_training_hears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"voice{number}" for number in range(40)]
    install_engine(monkeypatch, ToneEngine("tones", names))
    monkeypatch.setattr(synthetic, "available_engines", lambda: ["tones"])
    monkeypatch.setattr(synthetic, "speech_cache", lambda: None)
    monkeypatch.setattr(synthetic, "cores_allowed", lambda: 1)
    path = compose_synthetic("okay lantern", words_folder(tmp_path / "words"), tmp_path / "audio", 4, hours=0.05)
    timeline = read_timeline(path.with_suffix(".json"))
    said = [event for event in timeline.events if event.kind == "word"]
    assert timeline.source == "synthetic"
    assert timeline.duration_s == pytest.approx(180)
    assert len({event.file for event in said}) >= 4 * TAKES - 2  # a stretch may have no room for the last one
    assert {event.label for event in said} == {"okay lantern"}
    for event in said:
        engine, speaker = event.speaker.split("/")
        assert split_of(engine, speaker) == "validation"
    others = [event for event in timeline.events if event.kind == "other word"]
    assert {event.label for event in others} == {"yes"} and {event.split for event in others} == {"testing"}
    assert {event.snr_db is None for event in timeline.events} == {True, False}
    written = path.stat().st_mtime_ns
    assert compose_synthetic("okay lantern", tmp_path, tmp_path / "audio").stat().st_mtime_ns == written
