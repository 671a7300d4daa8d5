"""The scripts that run on devices, in this machine's shells; sshd and adbd run them in the tests marked `device`."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tfkws.tflite.targets import watch

SHELLS = [shell for shell in (["dash"], ["bash"], ["busybox", "sh"]) if shutil.which(shell[0])]


@pytest.fixture(params=SHELLS, ids=" ".join)
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    script = watch.WATCH.replace(f"sleep {watch.SILENCE_SECONDS}", "sleep 1")
    process = subprocess.Popen(
        [*request.param, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}, start_new_session=True,
    )  # fmt: skip
    yield process, Path(process.stdout.readline().strip())
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def start_endless(folder: Any) -> Any:
    """A command that goes on for ever, with a child of its own."""
    words = watch.command_line(str(folder), ["sh", "-c", "sleep 1000 & echo $! > child; wait"])
    process = subprocess.Popen(["sh", "-c", words], start_new_session=True)
    wait_for(lambda: (folder / "child").exists() and (folder / "child").read_text().strip())
    return process, int((folder / "child").read_text())


def wait_for(condition: Any, seconds: Any = 10) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def is_gone(pid: Any) -> Any:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_closed_connection_ends_and_removes_everything(started: Any, tmp_path: Path) -> None:
    process, folder = started
    assert folder.parent == tmp_path
    command, child = start_endless(folder)
    stdout, _ = process.communicate(timeout=20)  # closes its stdin
    assert stdout.strip() == watch.REMOVED
    command.wait(10)
    wait_for(lambda: is_gone(child))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_nothing_starts_where_the_watch_has_gone(shell: list[str], tmp_path: Path) -> None:
    command = ["sh", "-c", "echo > begun; sleep 1000"]
    done = subprocess.run([*shell, "-c", watch._RUN, str(tmp_path), *command], stderr=subprocess.DEVNULL, timeout=10)
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_beats_keep_it_and_silence_ends_it(started: Any, tmp_path: Path) -> None:
    process, folder = started
    command, child = start_endless(folder)
    for _ in range(12):  # three times the silence that would end it
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(0.25)
    assert folder.is_dir()
    assert not is_gone(child)
    process.wait(20)
    command.wait(10)
    wait_for(lambda: is_gone(child))
    assert list(tmp_path.iterdir()) == []


def test_commands_get_their_stdin_and_give_their_exit_code(tmp_path: Path) -> None:
    (tmp_path / ".running").mkdir()
    words = watch.command_line(str(tmp_path), ["sh", "-c", 'cat; pwd; echo "$1"; exit 7', "sh", "a 'b\" $c"])
    for shell in SHELLS:
        done = subprocess.run([*shell, "-c", words], input="typed\n", capture_output=True, text=True)
        assert done.stdout == f"typed\n{tmp_path}\na 'b\" $c\n"
        assert done.returncode == 7
        assert list((tmp_path / ".running").iterdir()) == []
