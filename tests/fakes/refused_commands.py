"""A command that must be refused: exit 1, one sentence, and nothing left behind."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app


def assert_refused(arguments: list[str], sentence: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command in an empty folder; it must fail with the sentence and leave the folder empty."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert list(folder.iterdir()) == []
