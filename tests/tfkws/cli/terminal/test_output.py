"""What commands print on stdout."""

import json

import pytest

from tfkws.cli.terminal.output import show
from tfkws.views.table import Table

TABLE = Table("Scores", ("model",), (("[a]",),), (), "a note [in brackets]")


def test_a_result_is_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    show({"a": "µ"}, [TABLE], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"a": "µ"}


def test_tables_come_with_their_notes_then_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    show({}, [TABLE, "done", ""], as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "Scores"
    assert lines[-2:] == ["a note [in brackets]", "done"]
    assert any(line.strip() == "[a]" for line in lines)
