"""`tfkws train`: what it refuses before a clip is read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from refused_commands import assert_refused
from typer.testing import CliRunner

import tfkws.pipeline.train
import tfkws.views.scores
from tfkws.cli import app
from tfkws.cli.learn.train import _show


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--data", "clips"], "There is no data folder clips"),
        (["train", "--data", "clips", "--task", "comands"], "comands"),
        (["train", "--data", "clips", "--features", "mfc"], "mfc"),
        (["train", "--data", "clips", "--recipe", "bset"], "best"),
        (["train", "--data", "clips", "--set", "width"], "name=value"),
        (["train", "--data", "clips", "--seeds", "0"], "--seeds must be at least 1. Received 0."),
        (["train", "--data", "clips", "--seeds", "-1"], "--seeds must be at least 1. Received -1."),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model", "matchbox"], "No model is called 'matchbox'"),
        (["--model", "kws10", "--set", "widht=2"], "widht"),
        (["--convs", "3y3,4"], "3y3,4"),
        (["--models", "word"], "--models is a file: word; give a folder."),
        (["--models", "word/below"], "--models is a file"),
        (["--models", "nowhere"], "--models, nowhere, leads over a link to nothing: nowhere; give a folder."),
        (["--teacher", "absent"], "absent"),
    ],
)
def test_what_a_training_needs_is_told_before_a_clip_is_read(
    options: list[str],
    sentence: str,
    tmp_path: Path,
    make_folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_folder(speakers=2)
    monkeypatch.setattr(tfkws.pipeline.train, "load_task", lambda *arguments: pytest.fail("a clip was read"))
    Path("word").write_text("text")
    Path("nowhere").symlink_to("absent")
    done = CliRunner().invoke(app, ["train", "--data", "clips", "--words", "yes", *options])
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"clips", "word", "nowhere"}


def test_the_ending_tells_the_line_to_type_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a model"
    result = {"folder": str(folder), "seed": 0, "validation": {}, "testing": {}}
    monkeypatch.setattr(tfkws.views.scores, "scores_table", lambda evaluations: "the scores")
    _show([result], as_json=False)
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1] == str(folder)
    assert shown.err == f"Next: tfkws convert '{folder}' --quantize int8\n"
