"""`tfkws compress`: what it refuses; what it makes is tested with its stage."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compress", "none"], "Say what to do"),
        (["compress", "none", "--quantization-aware"], "none does not exist; if its folder was moved or renamed"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)
