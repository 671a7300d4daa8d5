"""Hidden files of this process and of killed ones; what renames them is tested in `test_run_folder.py`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tfkws.partial_files import partial_file, remove_leftovers

KILLED = """
import os, signal, sys
from pathlib import Path
from tfkws.partial_files import partial_file
with partial_file(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def leave(path: Path) -> None:
    """Let a process die while it writes."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_it_is_hidden_beside_the_path_and_as_readable_as_any_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with partial_file(tmp_path / "a.json", ".wav") as partial:
            assert partial.parent == tmp_path and partial.name.startswith(".partial-a.json-")
            assert partial.suffix == ".wav" and partial.stat().st_mode & 0o777 == 0o640
        assert not partial.exists()
    finally:
        os.umask(before)


def test_a_failure_removes_it_and_a_rename_keeps_it(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), partial_file(tmp_path / "a.json") as partial:
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with partial_file(tmp_path / "a.json") as partial:
        partial.write_bytes(b"whole")
        partial.replace(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == b"whole"


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), partial_file(tmp_path / "none" / "a.json"):
        pass


def test_leftovers_of_one_name_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    for name in ("a[1].json", "a1.json", "b.json"):
        leave(tmp_path / name)
    remove_leftovers(tmp_path, "a[1].json")
    assert sorted(path.name[:14] for path in tmp_path.iterdir()) == [".partial-a1.js", ".partial-b.jso"]
    remove_leftovers(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_whose_writer_lives_is_no_leftover(tmp_path: Path) -> None:
    with partial_file(tmp_path / "a.json") as partial:
        remove_leftovers(tmp_path)
        assert partial.exists()
