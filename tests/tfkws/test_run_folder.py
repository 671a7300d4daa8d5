"""Files are whole or absent, whatever happens in between."""

import errno
import os
from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.run_folder import append_jsonl, atomic_path, read_json, write_json, write_text


def test_json_round_trip(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "a.json", {"µ": [1, 2.5, None]})
    assert read_json(tmp_path / "deep" / "a.json") == {"µ": [1, 2.5, None]}


def test_a_failure_keeps_the_old_file_and_leaves_no_partial_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, 1)
    with pytest.raises(KeyboardInterrupt), atomic_path(path) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt
    assert read_json(path) == 1
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_nan_is_refused_because_it_is_not_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert os.listdir(tmp_path) == []


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1')
    with pytest.raises(RunFolderError, match=r"not valid JSON.*delete it"):
        read_json(tmp_path / "a.json")
    with pytest.raises(RunFolderError, match="does not exist; run the stage"):
        read_json(tmp_path / "b.json")


def test_lines_are_appended_whole(tmp_path: Path) -> None:
    for i in range(3):
        append_jsonl(tmp_path / "j.jsonl", {"trial": i})
    assert (tmp_path / "j.jsonl").read_text() == '{"trial": 0}\n{"trial": 1}\n{"trial": 2}\n'


def test_a_new_file_has_ordinary_permissions(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "x")
    (tmp_path / "plain.txt").write_text("x")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
