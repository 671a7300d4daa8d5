"""A command's status, output, memory and descendants."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.speed.process_tree import descendants, resident_bytes, run_command

HOLDS = "import sys, time; held = bytearray(60_000_000); print('held', flush=True); time.sleep(0.7); sys.exit(3)"
NESTED = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {HOLDS!r}]))"


def test_memory_of_a_grandchild_is_counted_and_the_status_is_kept(tmp_path: Path) -> None:
    polls = list[float]()
    found = run_command([sys.executable, "-c", NESTED], tmp_path, {}, tmp_path / "log", on_poll=polls.append)
    assert found.status == 3 and found.output == "held\n"
    assert 60e6 < found.peak_bytes < 300e6
    assert found.seconds > 0.7 and 0 < found.cpu_seconds < found.seconds + 1 and 0 <= found.foreign <= 1
    assert polls == sorted(polls) and len(polls) > 1


def test_descendants_are_a_process_and_what_it_started(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert {os.getpid(), process.pid} <= set(descendants(os.getpid()))
        assert resident_bytes(process.pid) > 0
        process.communicate(b"\n")
    assert resident_bytes(process.pid) == 0


def test_descendants_are_read_from_the_parents_of_all(tmp_path: Path) -> None:
    for pid, parent in ((1, 0), (5, 1), (7, 5), (8, 2), (9, 7)):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a name) with) S {parent} 1 1", encoding="utf-8")
    assert sorted(descendants(5, tmp_path)) == [5, 7, 9]
