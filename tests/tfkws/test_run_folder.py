"""Files are whole or absent, whatever happens in between."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import (
    append_jsonl,
    atomic_path,
    atomic_paths,
    read_json,
    read_record,
    whole_file,
    write_json,
    write_new,
    write_text,
)


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


def paths_in(folder: Path) -> list[Path]:
    return [folder / name for name in ("recipe.json", "parity.json", "figure.png", "model.tflite")]


def test_several_files_are_written_together(tmp_path: Path) -> None:
    paths = paths_in(tmp_path)
    for number, kept in enumerate([paths, [paths[0], paths[1], paths[3]]]):
        with atomic_paths(paths) as partials:
            assert [partial.suffix for partial in partials] == [path.suffix for path in paths]
            for partial, path in zip(partials, paths, strict=True):
                if path in kept:
                    partial.write_text(f"{number}")
        assert sorted(tmp_path.iterdir()) == sorted(kept)  # the second has no figure, and the first one's is gone
        assert {path.read_text() for path in kept} == {f"{number}"}


@pytest.mark.parametrize("failing", range(4))
@pytest.mark.parametrize("before", ["old", None])
def test_a_failure_at_any_file_leaves_all_as_they_were(tmp_path: Path, failing: int, before: str | None) -> None:
    paths = paths_in(tmp_path)
    for path in paths if before else []:
        path.write_text("old")
    with pytest.raises(OSError, match="No space") as raised, atomic_paths(paths) as partials:
        for number, partial in enumerate(partials):
            if number == failing:
                raise OSError(errno.ENOSPC, "No space left on device", str(partial))
            partial.write_text("new")
    assert raised.value.filename == str(paths[failing])
    assert sorted(tmp_path.iterdir()) == sorted(paths if before else [])
    assert all(path.read_text() == "old" for path in tmp_path.iterdir())


def test_the_record_is_never_beside_files_of_another_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine stops before each of the steps that change the folder."""
    paths = paths_in(tmp_path)
    steps: list[str] = []

    def stopping(name: str, at: int) -> Callable[..., object]:
        plain = getattr(Path, name)

        def step(self: Path, *args: object, **named: object) -> object:
            if self.name.startswith(".") and name == "unlink":
                return plain(self, *args, **named)
            steps.append(name)
            if len(steps) > at:
                raise KeyboardInterrupt
            return plain(self, *args, **named)

        return step

    for at in range(5):
        for path in paths:
            path.write_text("old")
        steps.clear()
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), atomic_paths(paths) as partials:
            for partial in partials:
                partial.write_text("new")
            patch.setattr(Path, "replace", stopping("replace", at))
            patch.setattr(Path, "unlink", stopping("unlink", at))
        if paths[0].exists():
            assert len({path.read_text() for path in paths}) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_limit_on_file_sizes_names_the_file_that_was_to_be_written(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys, pathlib; from tfkws.run_folder import write_text\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_text(pathlib.Path(sys.argv[1]), 'x' * 100_000)\n"
        "except OSError as error: print(error.errno, error.filename)"
    )
    path = tmp_path / "large.json"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == f"{errno.EFBIG} {path}\n"
    assert os.listdir(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tfkws import run_folder
with getattr(run_folder, sys.argv[2])(Path(sys.argv[1])) as partial:
    partial.write_bytes(bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("way", ["atomic_path", "whole_file"])
def test_what_a_killed_process_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path, way: str) -> None:
    path = tmp_path / "a[1].json"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), way], check=False)
    assert done.returncode == -signal.SIGKILL and len(os.listdir(tmp_path)) == 1
    (tmp_path / ".partial").write_text("of somebody else")
    with whole_file(tmp_path / "b.json") as partial:
        write_text(path, "new") if way == "atomic_path" else remove_leftovers(tmp_path)
        assert {partial.name, ".partial"} == set(os.listdir(tmp_path)) - {path.name}
        partial.write_text("b")
    assert (tmp_path / "b.json").read_text() == "b"


def test_one_of_many_writers_makes_a_new_file_and_all_know_who(tmp_path: Path) -> None:
    def write(number: int) -> bool:
        return write_new(tmp_path / "a.txt", lambda partial: (partial.write_text(str(number)), None)[1])

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(write, range(40)))
    assert sum(made) == 1 and (tmp_path / "a.txt").read_text() == str(made.index(True))
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*paths: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    for expected in (True, False):
        assert write_new(tmp_path / "a.txt", lambda partial: (partial.write_text("a"), None)[1]) is expected


def test_errors_name_the_file_and_not_its_hidden_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, whole_file(tmp_path / "a.wav") as partial:
        raise OSError(errno.ENOSPC, "No space left on device", str(partial))
    assert caught.value.filename == str(tmp_path / "a.wav")
