"""`tfkws target fit`: what it refuses before anything is measured."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["target", "fit", "local", "--quantize", "nope"], "No conversion recipe is called"),
        (["target", "fit", "local", "--features", "nope"], "nope"),
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
