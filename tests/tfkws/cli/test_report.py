"""`tfkws report` writes beside the results unless told otherwise, and prints the page's path."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import tfkws.pipeline.report
from tfkws.cli import app


@pytest.mark.parametrize(("options", "folder"), [([], "runs/report"), (["--out", "elsewhere"], "elsewhere")])
def test_the_page_lies_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, options: list[str], folder: str) -> None:
    monkeypatch.setattr(tfkws.pipeline.report, "write_report", lambda source, out: out / f"{source}.html")
    result = CliRunner().invoke(app, ["report", "runs", *options])
    assert result.exit_code == 0
    assert result.stdout.strip() == str(Path(folder) / "runs.html")
