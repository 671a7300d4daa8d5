"""Lists of splits against the rule; folders with such lists are checked in `test_check.py`."""

from pathlib import Path

import pytest

from tfkws.data.prepare.split_lists import contradictions, read_list
from tfkws.data.splits import split_of


def files_of(split: str, count: int) -> list[str]:
    """The first clips of made-up speakers that the rule puts there."""
    every = (f"yes/{number:08x}_nohash_0.wav" for number in range(10_000))
    found = [file for file in every if split_of(file) == split]
    return found[:count]


def test_without_lists_nothing_contradicts(tmp_path: Path) -> None:
    assert contradictions(tmp_path, files_of("testing", 2)) == []


def test_a_clip_is_told_with_both_splits_where_the_list_says_another(tmp_path: Path) -> None:
    validation, testing, training = (files_of(split, 2) for split in ("validation", "testing", "training"))
    (tmp_path / "validation_list.txt").write_text("\n".join([*validation, testing[0]]), encoding="utf-8")
    (tmp_path / "testing_list.txt").write_text(training[0], encoding="utf-8")
    assert contradictions(tmp_path, [*validation, *testing, *training]) == [
        (testing[0], "listed for validation, used for testing"),
        (testing[1], "listed for training, used for testing"),
        (training[0], "listed for testing, used for training"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"yes/a.wav\n\n  no/b c.wav  \n", ["yes/a.wav", "no/b c.wav"]),
        (b"yes\\a.wav\r\n.\\no\\b.wav", ["yes/a.wav", "no/b.wav"]),
        ("caf\u00e9/\u201ca\u201d.wav".encode("cp1252"), ["caf\u00e9/\u201ca\u201d.wav"]),
        ("cafe\u0301/a.wav".encode(), ["caf\u00e9/a.wav"]),
        ("\ufeffno/a.wav".encode("utf-16-be"), ["no/a.wav"]),
        (b"", []),
    ],
)
def test_a_list_is_read_as_any_system_writes_it(content: bytes, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "testing_list.txt"
    path.write_bytes(content)
    assert read_list(path) == expected
