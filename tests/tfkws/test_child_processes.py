"""Children end with their parent, however it ends, and their errors are the parent's."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tfkws.child_processes import ChildDiedError, run_in_children


def square(number: int) -> int:
    return number * number


def full(number: int) -> int:
    raise OSError(errno.ENOSPC, "No space left on device", "clip.wav")


def die(number: int) -> int:
    os._exit(3)


def test_each_job_is_done_once() -> None:
    assert sorted(run_in_children([(square, (number,)) for number in range(9)], 2)) == [n * n for n in range(9)]
    assert list(run_in_children([], 2)) == []


def test_errors_come_as_they_were_raised() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        list(run_in_children([(square, (1,)), (full, (2,)), (square, (3,))], 1))
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "clip.wav")
    with pytest.raises(ChildDiedError):
        list(run_in_children([(die, (1,)), (square, (2,))], 1))


PARENT = """
import sys, time
from tfkws.child_processes import run_in_children
if __name__ == "__main__":
    for _ in run_in_children([(time.sleep, (0,)), (time.sleep, (0,)), (time.sleep, (600,)), (time.sleep, (600,))], 2):
        print("started", flush=True)
"""
ALONE = """
import os, pathlib, subprocess, sys, time
code = "import os, pathlib, sys, time; from tfkws.child_processes import end_with_parent;" \\
    "end_with_parent(int(sys.argv[1]), pathlib.Path(sys.argv[2])); print('started', flush=True); time.sleep(600)"
subprocess.run([sys.executable, "-c", code, str(os.getpid()), sys.argv[1]])
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find processes")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["pool", "single"])
def test_no_child_outlives_its_parent(tmp_path: Path, how: signal.Signals, kind: str) -> None:
    (tmp_path / "parent.py").write_text(PARENT if kind == "pool" else ALONE)
    (tmp_path / "folder").mkdir()
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "folder")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert parent.stdout is not None
    with parent.stdout:
        for _ in range(2 if kind == "pool" else 1):
            assert parent.stdout.readline() == "started\n"
    assert len(of_session(parent.pid)) > 1
    parent.send_signal(how)
    parent.wait()
    deadline = time.monotonic() + 20
    while of_session(parent.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = of_session(parent.pid)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert not left
    assert (tmp_path / "folder").exists() == (kind == "pool")


def of_session(session: int) -> list[int]:
    """Running processes of a session, by its number."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(its) == session and state != "Z":
            found.append(int(path.parent.name))
    return found
