"""`tfkws train`: what it refuses before a clip is read."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--data", "clips"], "There is no data folder clips"),
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
