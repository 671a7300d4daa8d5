"""Files are whole or absent, whatever happens in between."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.run_folder import append_jsonl, atomic_path, read_json, read_record, write_json, write_text


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
    with pytest.raises(RunFolderError, match=r"not valid JSON.*give another file, or restore it"):
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


def test_json_is_read_as_utf8_whatever_the_locale(tmp_path: Path) -> None:
    """As Python starts under LC_ALL=C without its UTF-8 mode, or under a Latin-1 locale."""
    write_json(tmp_path / "a.json", {"label": "café µ"})
    code = (
        "import locale, pathlib, sys; from tfkws.run_folder import read_json; "
        "print(locale.getpreferredencoding(False), ascii(read_json(pathlib.Path(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code, str(tmp_path / "a.json")],
        env=os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "UTF-8" not in done.stdout.upper()
    assert done.stdout.endswith("{'label': 'caf\\xe9 \\xb5'}\n")


@pytest.mark.parametrize("content", [b'{"a": NaN}', b"[" * 9_999, b'"\\udc00"', b"\xff", b'{"a": 1e999}'])
def test_json_beyond_the_bounds_is_one_sentence_that_tells_nobody_to_delete_a_file(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(RunFolderError, match="not valid JSON") as raised:
        read_json(tmp_path / "a.json")
    assert "delete" not in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_and_folders_are_no_records(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for name in ("pipe.json", "folder.json"):
        with pytest.raises(RunFolderError, match="is no file; give a result"):
            read_json(tmp_path / name)


def test_a_record_is_an_object(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", [1])
    with pytest.raises(RunFolderError, match="holds no record"):
        read_record(tmp_path / "a.json")
