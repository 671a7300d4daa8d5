"""The program benchmark_model: found, given its options, and run on an open target."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfkws.errors import BenchmarkError, TargetError
from tfkws.tflite.profile.benchmark_model_program import (
    benchmark_model_here,
    benchmark_model_on,
    find_binary,
    latency_options,
    profile_options,
    push_and_run,
    refuse_foreign,
)
from tfkws.tflite.targets.local import LocalSession


@pytest.fixture
def session() -> Iterator[LocalSession]:
    """An open session on this machine."""
    opened = LocalSession()
    yield opened
    opened.close()


def test_found_by_name_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "benchmark_model"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary(Path("benchmark_model")) == program
    assert find_binary(None) == program


def test_what_is_not_there_or_no_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="is not there or may not be run"):
        find_binary(tmp_path / "nothing")
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(BenchmarkError, match="may not be run"):
        find_binary(text)


def test_what_it_prints_on_both_streams_is_returned(tmp_path: Path, abs_file: Path) -> None:
    program = tmp_path / "benchmark_model"
    program.write_text('#!/bin/sh\necho "$@"; echo log >&2\n')
    program.chmod(0o755)
    target = benchmark_model_here(program)
    assert target.run(abs_file, ["--num_runs=3"]) == f"--graph={abs_file} --num_runs=3\nlog\n"
    assert target.sha256 == hashlib.sha256(program.read_bytes()).hexdigest()


def test_on_a_target_it_runs_in_the_folder_there(session: LocalSession, tmp_path: Path, abs_file: Path) -> None:
    echo = tmp_path / "benchmark_model"
    shutil.copy(Path(shutil.which("echo") or "echo").resolve(), echo)
    assert benchmark_model_on(session, echo).run(abs_file, ["--x"]) == "--graph=model.tflite --x\n"
    assert (session.folder / "model.tflite").read_bytes() == abs_file.read_bytes()


def test_a_pushed_program_is_run_with_the_model(session: LocalSession, abs_file: Path, tmp_path: Path) -> None:
    """A stand-in for benchmark_model: an ELF of this machine that prints its words."""
    echo = tmp_path / "benchmark_model"
    shutil.copy(Path(shutil.which("echo") or "echo").resolve(), echo)
    done = push_and_run(session, echo, abs_file, ["--num_threads=1"])
    assert done.stdout == "--graph=model.tflite --num_threads=1\n"


@pytest.mark.parametrize(
    ("machine", "architecture", "runs"),
    [
        (183, "aarch64", True),
        (62, "x86_64", True),
        (40, "aarch64", True),
        (183, "x86_64", False),
        (62, "armv7l", False),
    ],
)
def test_a_program_for_another_processor_is_refused(machine: int, architecture: str, runs: bool) -> None:
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + machine.to_bytes(2, "little")
    if runs:
        refuse_foreign(header, architecture, "it", "there")
        return
    with pytest.raises(TargetError, match=f"it is built for .*, and there is {architecture}"):
        refuse_foreign(header, architecture, "it", "there")


def test_a_script_is_no_program() -> None:
    with pytest.raises(BenchmarkError, match="is no program for Linux or Android"):
        refuse_foreign(b"#!/bin/sh\n", "aarch64", "it", "there")


def test_options() -> None:
    assert latency_options("builtin", 2, 20, 100) == (
        "--num_threads=2", "--use_xnnpack=false", "--warmup_runs=20", "--warmup_min_secs=0", "--num_runs=100",
        "--min_secs=0",
    )  # fmt: skip
    assert profile_options("xnnpack", 1, 5, 9)[-1] == "--enable_op_profiling=true"
    assert "--use_xnnpack=true" in profile_options("xnnpack", 1, 5, 9)
