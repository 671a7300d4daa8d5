"""The profiling child as a process: a request on stdin, an answer in a file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def ask_child(request: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """Run the child on a request."""
    command = [sys.executable, "-m", "tfkws.tflite.profile.litert_child"]
    return subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False, timeout=60)


def test_each_profiled_run_has_events_and_the_whole_its_times(abs_file: Path, tmp_path: Path) -> None:
    """Runs come in blocks of ten, and 15 are two blocks; the model has one operator."""
    request = {"model": str(abs_file), "kernels": "builtin", "threads": 1, "warmup_runs": 2, "runs": 15}
    done = ask_child({**request, "answer": str(tmp_path / "answer.json")})
    assert done.returncode == 0, done.stderr
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert len(answer["whole_ns"]) == 20
    assert min(answer["whole_ns"]) > 0
    names = [event[0] for event in answer["events"] if event[0] in ("invoke", "ABS")]
    assert names == ["invoke", "ABS"] * 20
    assert "ABS" in answer["summary"]


def test_an_expected_error_is_the_last_line(abs_file: Path, tmp_path: Path) -> None:
    request = {"model": str(abs_file), "kernels": "xnnpack", "threads": 0, "warmup_runs": 1, "runs": 1}
    done = ask_child({**request, "answer": str(tmp_path / "answer.json")})
    assert done.returncode == 1
    assert "threads must be" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "answer.json").exists()
