"""`tfkws wakeword`: what it refuses, and its options; what it makes is tested with its stage."""

from pathlib import Path

import pytest
from refused_commands import assert_refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["wakeword", ""], "has no word"),
        (["wakeword", "x"], "one letter"),
        (["wakeword", "route 66"], "holds digits"),
        (["wakeword", "🙂"], "which nobody says"),
        (["wakeword", "one two three four five six seven"], "choose a shorter one"),
        (["wakeword", "ordenador", "--language", "xx"], "There is no voice for the language"),
        (["wakeword", "computer", "--false-accepts-per-hour", "0"], "--false-accepts-per-hour must be above 0"),
        (["wakeword", "computer", "--max-macs", "-1"], "--max-macs must be above 0"),
        (["wakeword", "computer", "--front-end", "none"], "There is no front end 'none'"),
        (["wakeword", "computer", "--from", "none"], "none holds no finished run"),
        (["wakeword", "computer", "--engines", "parrot"], "There is no engine 'parrot'"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)
