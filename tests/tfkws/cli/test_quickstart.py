"""`tfkws quickstart`: what it refuses; its stages are tested in pipeline/test_quickstart.py."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


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
