import argparse
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from phrase_folders import phrases_folder, words_folder
from tiny_effort import TINY

from benchmarks.phrase import audio, exports, making, page, synthetic
from benchmarks.phrase.kinds import Kind
from benchmarks.phrase.locks import locked
from benchmarks.phrase.page import add_options, measure, record_path
from benchmarks.phrase.tables import write_tables
from tfkws.config.wakeword import WakewordConfig
from tfkws.errors import DataError
from tfkws.run_folder import read_json, write_json

CONFIG = WakewordConfig(engines=("espeak",), model="tc_resnet8", false_accepts_per_hour=200.0, sizes=TINY)


def options(tmp_path: Path, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=tmp_path / "page")
    add_options(parser)
    return parser.parse_args(["--work", str(tmp_path / "work"), *arguments])


def test_folders_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="Give --data and --phrases"):
        measure(options(tmp_path))


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    phrases_folder(tmp_path / "phrases", takes=12, android="p001")
    return ["--data", str(words_folder(tmp_path / "words")), "--phrases", str(tmp_path / "phrases")]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Minutes of audio, one engine, and trainings of a few steps."""
    monkeypatch.setattr(audio, "WORDS_HOURS", 0.02)
    monkeypatch.setattr(synthetic, "available_engines", lambda: ["espeak"])
    monkeypatch.setattr(page, "compose_synthetic", partial(synthetic.compose_synthetic, voices=4, hours=0.05))
    monkeypatch.setattr(exports, "FORMS", ("python",))
    monkeypatch.setattr(Kind, "config", property(lambda self: replace(CONFIG, phrase=self.phrase, seed=self.seed)))
    yield


@pytest.mark.slow
def test_detectors_are_made_heard_and_exported_and_recordings_are_not_tested(
    tmp_path: Path, folders: list[str], small: None
) -> None:
    pytest.importorskip("espeakng_loader")
    asked = options(tmp_path, *folders, "--words", "android", "--parts", "text,recordings")
    measure(asked)
    records = {path.stem: read_json(path) for path in (asked.out / "runs").iterdir()}
    assert set(records) == {"android-quick-text-seed0", "android-quick-recordings-seed0"}
    text, own = records["android-quick-text-seed0"], records["android-quick-recordings-seed0"]
    assert len(text["recorded"]["files"]["android"]["tested"]["p001"]) >= 12
    assert len(own["own_voice"]["files"]) == 10
    left = set(own["recorded"]["files"]["android"]["tested"]["p001"])
    assert len(left) == 2 and not left & set(own["own_voice"]["files"])
    assert own["utterances"]["training own"] == 8 and own["utterances"]["validation own"] == 2
    assert own["recorded"]["files"]["android"]["rejects"]["interval"] is None
    assert sum(map(len, text["synthetic"]["tested"].values())) > 4
    assert text["exports"]["python"]["loaded"] is True
    assert set(text["benchmark_times"]) == {"judging", "exports"} and len(text["commit"]) >= 40
    assert text["int8_bytes"] > 10_000
    write_tables(asked.out)
    assert "10, one speaker" in (asked.out / "README.md").read_text()

    before = {path: path.stat().st_mtime_ns for path in (asked.out / "runs").iterdir()}
    measure(asked)
    assert {path: path.stat().st_mtime_ns for path in (asked.out / "runs").iterdir()} == before


@pytest.fixture
def asked_of_two(tmp_path: Path, folders: list[str], monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    monkeypatch.setattr(page, "compose_all", lambda every, folder: None)
    monkeypatch.setattr(page, "compose_synthetic", lambda phrase, words, folder: None)
    return options(tmp_path, *folders, "--words", "android,happy")


def test_what_another_process_is_at_is_left_to_it_and_old_records_are_made_anew(
    tmp_path: Path, asked_of_two: argparse.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "make", lambda kind, place, every: {"version": making.VERSION, "run": kind.name})
    android, happy = (Kind(word, "quick", "text", 0) for word in ("android", "happy"))
    write_json(record_path(asked_of_two.out, happy), {"run": happy.name})
    place = making.Place(tmp_path, tmp_path, tmp_path / "work")
    with locked(place.lock(android)):
        measure(asked_of_two)
    assert not record_path(asked_of_two.out, android).exists()
    assert read_json(record_path(asked_of_two.out, happy))["version"] == making.VERSION
    measure(asked_of_two)
    assert record_path(asked_of_two.out, android).exists()


def test_one_that_cannot_be_made_keeps_no_other_from_being_made(
    asked_of_two: argparse.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_once(kind: Kind, place: Any, every: Any) -> dict[str, Any]:
        if kind.phrase == "android":
            raise DataError("No threshold.")
        return {"version": making.VERSION}

    monkeypatch.setattr(page, "make", fails_once)
    with pytest.raises(SystemExit, match="android-quick-text-seed0: No threshold"):
        measure(asked_of_two)
    assert record_path(asked_of_two.out, Kind("happy", "quick", "text", 0)).exists()
