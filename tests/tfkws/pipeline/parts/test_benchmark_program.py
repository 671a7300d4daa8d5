"""The program `benchmark_model`, opened for this machine or a target."""

from pathlib import Path

import pytest

from tfkws.errors import BenchmarkError, ConfigError
from tfkws.pipeline.parts.benchmark_program import open_program


def test_here_it_prints_what_it_prints(tmp_path: Path) -> None:
    program = tmp_path / "benchmark_model"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    with open_program(program) as there:
        assert there.binary == program
        assert there.run(tmp_path / "a.tflite", ["--num_runs=1"]) == f"--graph={tmp_path}/a.tflite --num_runs=1\n"


def test_it_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="is not there or may not be run"), open_program(tmp_path / "nothing"):
        pass


@pytest.mark.parametrize(
    ("target", "sentence"),
    [("qemu-aarch64", "is emulated, and times there mean nothing"), ("ssh://pi@board", "give --binary PATH of one")],
)
def test_targets_that_cannot_run_it_are_refused_before_they_are_opened(target: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence), open_program(None, target):
        pass
