import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.phrase.locks import locked


def test_one_process_at_a_time_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "some.lock"
    holds = (
        "import sys, time; from pathlib import Path; from benchmarks.phrase.locks import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", holds, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError), locked(path, wait=False):
            pass
        other.kill()
    with locked(path, wait=False):
        pass
