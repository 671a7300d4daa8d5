"""`tfkws target fit`: what it refuses before anything is measured."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


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
    assert_refused(arguments, sentence, tmp_path, monkeypatch)
