"""The profiling child as a process: a request on stdin, an answer in a file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from odd_files import odd_file

from tfkws.tflite.profile.litert_child import NOT_PROFILED, of_main_subgraph
from tfkws.tflite.profile.litert_library import ProfilerEvent


def ask_child(request: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """Run the child on a request."""
    command = [sys.executable, "-m", "tfkws.tflite.profile.litert_child"]
    text = json.dumps({"parent": os.getpid(), **request})
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)


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


def test_events_of_called_subgraphs_belong_to_the_operator_that_called_them() -> None:
    loop = ProfilerEvent("WHILE", 2, 1, 1300, 0)
    inner = [ProfilerEvent("Invoke", 1, 0, 25, 2), ProfilerEvent("TANH", 2, 0, 1, 2)]
    assert of_main_subgraph([loop, *inner, loop]) == [loop, loop]


def test_a_file_that_the_profiler_does_not_take_ends_by_a_status_of_its_own(tmp_path: Path) -> None:
    """LiteRT's C interface refuses variable tensors, which its interpreter runs."""
    model = tmp_path / "lstm.tflite"
    model.write_bytes(odd_file("fused_lstm"))
    request = {"model": str(model), "kernels": "xnnpack", "threads": 1, "warmup_runs": 1, "runs": 1}
    done = ask_child({**request, "answer": str(tmp_path / "answer.json")})
    assert done.returncode == NOT_PROFILED
    assert "failed with status 5" in done.stderr.splitlines()[-1]


def test_two_inputs_are_both_set(tmp_path: Path) -> None:
    model = tmp_path / "two.tflite"
    model.write_bytes(odd_file("scalars"))
    request = {"model": str(model), "kernels": "builtin", "threads": 1, "warmup_runs": 1, "runs": 10}
    done = ask_child({**request, "answer": str(tmp_path / "answer.json")})
    assert done.returncode == 0, done.stderr
    assert "ADD" in {event[0] for event in json.loads((tmp_path / "answer.json").read_text())["events"]}
