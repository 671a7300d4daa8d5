"""Targets that time models: this machine, and a session that answers what it is told."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import BenchmarkError
from tfkws.tflite.targets.session import RawRun
from tfkws.tflite.targets.timing_target import THIS_MACHINE, open_timing_target, time_model_here, timing_target_of


class Board:
    """Remembers what was pushed and asked."""

    target = "ssh://pi@board"

    def __init__(self) -> None:
        self.pushed: list[str] = []
        self.asked: list[dict[str, object]] = []

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        self.pushed.append(name)

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 0) -> RawRun:
        self.asked.append(json.loads(stdin))
        return RawRun('{"samples_ns": [1]}', "", 0, 0.1)

    def close(self) -> None:
        """Do nothing."""


def test_files_are_pushed_once_and_named_as_they_are_there(abs_file: Path, tmp_path: Path) -> None:
    examples = tmp_path / "x.npy"
    np.save(examples, np.zeros(1, np.float32))
    board = Board()
    target = timing_target_of(board)
    for runs in (10, 20):
        request = {"model": str(abs_file), "examples": str(examples), "runs": runs}
        assert target.time_model(request) == {"samples_ns": [1]}
    assert target.name == "ssh://pi@board"
    assert board.pushed == ["abs.tflite", "x.npy"]
    assert board.asked == [{"model": "abs.tflite", "examples": "x.npy", "runs": runs} for runs in (10, 20)]


def test_times_of_an_emulated_target_are_refused() -> None:
    with (
        pytest.raises(BenchmarkError, match="is emulated, and times there mean nothing; it counts instructions"),
        open_timing_target("qemu-aarch64:cortex-a53", "litert", []),
    ):
        pass


def test_this_machine_is_the_local_target() -> None:
    with open_timing_target("local", "litert", []) as target:
        assert target is THIS_MACHINE


def test_a_model_is_timed_in_a_process_of_this_machine(abs_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(2, np.float32))
    request = {"model": str(abs_file), "examples": str(tmp_path / "x.npy"), "runtime": "litert", "kernels": "xnnpack"}
    answer = time_model_here({**request, "threads": 1, "warmup_runs": 1, "runs": 12, "seconds": 10})
    assert (len(answer["warmup_ns"]), len(answer["samples_ns"])) == (1, 12)
