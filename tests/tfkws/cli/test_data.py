"""`tfkws data ...` from the shell's side: what is printed, where, and the exit code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.data.splits import split_of


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["data", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for word in ("yes", "no"):
        (tmp_path / "clips" / word).mkdir(parents=True)
        for number in range(40):
            path = tmp_path / "clips" / word / f"{number * 7919:08x}_nohash_0.wav"
            soundfile.write(path, rng.normal(0, 0.1, 16_000), 16_000, subtype="PCM_16")
    return tmp_path / "clips"


def test_info_prints_counts(folder: Path) -> None:
    code, out, _ = run("info", folder, "--json")
    counts = {row["word"]: row for row in json.loads(out)}
    expected = sum(split_of(path.name) == "training" for path in (folder / "yes").iterdir())
    assert code == 0 and counts["yes"]["clips"]["training"] == counts["no"]["speakers"]["training"] == expected
    code, out, _ = run("info", folder)
    assert code == 0 and f"{expected} ({expected})" in out


def test_check_prints_findings(folder: Path) -> None:
    victim = sorted((folder / "yes").iterdir())[0]
    victim.write_bytes(b"text")
    code, out, _ = run("check", folder, "--json")
    report = json.loads(out)
    assert code == 0 and report["clips"] == 80
    assert report["problems"][0]["kind"] == "unreadable" and report["problems"][0]["where"] == f"yes/{victim.name}"
    code, out, _ = run("check", folder)
    assert code == 0 and "unreadable 1" in out


def test_import_converts_and_tells_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "in" / "hey").mkdir(parents=True)
    soundfile.write(tmp_path / "in" / "hey" / "anna_1.flac", np.ones(44_100) / 2, 44_100)
    (tmp_path / "in" / "hey" / "anna_2.wav").write_bytes(b"")
    code, _, err = run("import", tmp_path / "in", tmp_path / "out")
    assert code == 0 and "1 clips written" in err and "left out: hey/anna_2.wav: hey/anna_2.wav is an empty file" in err


def test_audition_writes_original_and_epochs(folder: Path, tmp_path: Path) -> None:
    code, _, err = run("audition", "--data", folder, tmp_path / "listen", "--words", "yes", "--clips", 2)
    assert code == 0 and "8 files" in err
    names = sorted(path.name for path in (tmp_path / "listen").iterdir())
    assert [name.split("-")[2] for name in names[:4]] == ["epoch0.wav", "epoch1.wav", "epoch2.wav", "original.wav"]
    assert len({path.read_bytes() for path in (tmp_path / "listen").iterdir()}) == 8


def test_synthesize_writes_and_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    arguments = ("synthesize", tmp_path / "new", "--words", "tree", "--voices", 2, "--takes", 1)
    code, _, err = run(*arguments)
    assert code == 0 and "2 clips of synthetic speech" in err and "2 of them new" in err
    assert "0 of them new" in run(*arguments)[2]


def test_what_is_written_is_one_json_document_on_request(folder: Path, tmp_path: Path) -> None:
    """The sentences stay on stderr, so that stdout can be piped."""
    pytest.importorskip("espeakng_loader")
    (tmp_path / "in" / "hey").mkdir(parents=True)
    soundfile.write(tmp_path / "in/hey/anna_1.flac", np.ones(16_000) / 2, 16_000)
    (tmp_path / "in/hey/anna_2.wav").write_bytes(b"")

    def answer(*arguments: object) -> dict[str, Any]:
        code, out, err = run(*arguments, "--json")
        assert code == 0 and out.startswith("{") and err, err
        return dict(json.loads(out))

    made = answer("synthesize", "--out", tmp_path / "new", "--words", "tree", "--voices", 1, "--takes", 1)
    assert made == {"folder": str(tmp_path / "new"), "clips": 1, "written": 1}
    imported = answer("import", tmp_path / "in", "--out", tmp_path / "clips2")
    assert imported == {
        "folder": str(tmp_path / "clips2"),
        "written": 1,
        "unchanged": 0,
        "left_out": [{"file": "hey/anna_2.wav", "reason": "hey/anna_2.wav is an empty file."}],
        "one_speaker": [],
    }
    heard = answer("audition", "--data", folder, "--out", tmp_path / "listen", "--words", "yes", "--clips", 1)
    assert sorted(heard["files"]) == sorted(path.name for path in (tmp_path / "listen").iterdir())


def test_rooms_and_downloads_are_json_too(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.data.prepare.rooms.write_rooms", lambda *_: 3)
    monkeypatch.setattr("tfkws.data.prepare.download.download_dataset", lambda *_: 7)
    code, out, err = run("rooms", "--data", folder, "--count", 5, "--json")
    assert (code, json.loads(out)) == (0, {"folder": str(folder), "rooms": 5, "written": 3})
    assert "3 new room responses" in err
    code, out, _ = run("download", "v0.02", "--out", tmp_path / "sc", "--json")
    assert (code, json.loads(out)) == (0, {"folder": str(tmp_path / "sc"), "files": 7})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("info", "missing"), "There is no data folder"),
        (("check", "missing"), "There is no data folder"),
        (("import", "missing", "out"), "There is no folder missing"),
        (("download", "v0.03"), "choose one of v0.01, v0.02"),
        (("synthesize", "out", "--words", "../up"), "A word must be"),
        (("synthesize", "out", "--voices", "0"), "must be at least 1"),
        (("audition", "--data", "missing", "out"), "There is no data folder"),
    ],
)
def test_mistakes_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    message = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert code == 1 and out == "" and len(message) == 1 and sentence in message[0]
    assert list(tmp_path.iterdir()) == []


def test_words_may_be_given_one_an_option_and_consist_of_several(tmp_path: Path) -> None:
    arguments = ("synthesize", str(tmp_path / "out"), "--word", "hey you", "--words", "Tree,no", "--voices", "1")
    code, _, err = run(*arguments, "--takes", "1")
    assert code == 0 and "3 clips of synthetic speech" in err
    assert {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(("_", "S"))} == {
        "hey you", "Tree", "no",
    }  # fmt: skip


def test_import_tells_of_one_speaker_and_splits_by_file_on_request(tmp_path: Path) -> None:
    (tmp_path / "in/yes").mkdir(parents=True)
    for number in range(3):
        soundfile.write(tmp_path / f"in/yes/yes_{number}.wav", np.full(16_000, 0.1 + number / 10), 16_000)
    (tmp_path / "in/yes/a.m4a").write_bytes(b"")
    code, _, err = run("import", str(tmp_path / "in"), str(tmp_path / "out"))
    assert code == 0 and "3 clips written" in err and "1 left out" in err and "--split-by file" in err
    code, _, err = run("import", str(tmp_path / "in"), str(tmp_path / "files"), "--split-by", "file")
    assert code == 0 and "one speaker" not in err
    assert "Split by file" in run("info", str(tmp_path / "files"))[2]
