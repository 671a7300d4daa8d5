"""`tfkws target check`: what it refuses; what a target answers is tested with the targets."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["target", "check", "replay:nothing"], "nothing holds no recording"),
        (["target", "check", "teletype:1"], "teletype:1"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)
