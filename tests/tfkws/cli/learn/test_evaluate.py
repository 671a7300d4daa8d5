"""`tfkws evaluate`: what it refuses; scores are tested with its stage."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["evaluate", "none", "--data", "clips"], "none does not exist"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert list(tmp_path.iterdir()) == []
