"""`tfkws quickstart`: what it refuses; `tfkws report`: where it writes. Their stages: tests/tfkws/pipeline."""

import json
from pathlib import Path

import pytest
from refused_commands import assert_refused
from typer.testing import CliRunner

import tfkws.pipeline.report
from tfkws.cli import app


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["quickstart", "--data", "clips", "--out", "out"], "There is no data folder clips"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)


@pytest.mark.parametrize(("options", "folder"), [([], "runs/report"), (["--out", "elsewhere"], "elsewhere")])
def test_the_page_lies_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, options: list[str], folder: str) -> None:
    monkeypatch.setattr(tfkws.pipeline.report, "write_report", lambda source, out: out / f"{source}.html")
    result = CliRunner().invoke(app, ["report", "runs", *options])
    assert result.exit_code == 0
    assert result.stdout.strip() == str(Path(folder) / "runs.html")
    as_json = CliRunner().invoke(app, ["report", "runs", *options, "--json"])
    assert json.loads(as_json.stdout) == {"page": str(Path(folder) / "runs.html")}
