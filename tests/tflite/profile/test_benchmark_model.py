"""The whole path of --benchmark-binary, with a program that checks its options and prints a log."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import BenchmarkSettings, OperatorSettings
from tfkws.errors import BenchmarkError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile import benchmark_model_program
from tfkws.tflite.profile.benchmark_model import benchmark_by_binary, profile_by_binary
from tfkws.tflite.profile.benchmark_model_program import benchmark_model_here, find_binary
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.session import RawRun

LOGS = Path(__file__).parents[2] / "golden" / "logs"
FAKE = """#!/bin/sh
for option in "$@"; do
  case "$option" in
    --graph=*) test -s "${option#--graph=}" || { echo "ERROR: Could not open the model." >&2; exit 1; } ;;
    --num_threads=1|--use_xnnpack=true|--warmup_min_secs=0|--min_secs=0) ;;
    --warmup_runs=*|--num_runs=*|--enable_op_profiling=true) ;;
    *) echo "ERROR: Unconsumed cmdline flags: $option" >&2; exit 1 ;;
  esac
done
cat LOG
"""


@pytest.fixture
def fake(tmp_path: Path) -> Any:
    def make(log: Any) -> Any:
        program = tmp_path / "benchmark_model"
        program.write_text(FAKE.replace("LOG", str(LOGS / log)))
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def model(converted: Callable[[str], TfliteFile], tmp_path: Path) -> Any:
    path = tmp_path / "none.tflite"
    path.write_bytes(converted("none").content)
    return path


def test_rows_are_joined_with_the_file(fake: Any, model: Any) -> None:
    result = profile_by_binary(model, benchmark_model_here(fake("tf2_12_xnnpack.txt")), OperatorSettings(runs=50))
    assert [(row.opcode, row.name, row.time_us) for row in result.rows] == [
        ("CONV_2D", "unit1_conv", pytest.approx(29)), ("MEAN", "head_pool", pytest.approx(5)),
        ("FULLY_CONNECTED", "logits", pytest.approx(2)), ("SOFTMAX", "Identity", pytest.approx(1)),
    ]  # fmt: skip
    assert result.rows[0].macs == 8 * 6 * 9 * 4
    assert (result.method, result.runtime, result.whole_us) == ("benchmark_model", "benchmark_model", 75.2)
    assert result.runtime_version.startswith("sha256 ")
    assert result.warnings == ()
    assert "Operator-wise" in result.raw_text


def test_builtin_rows_go_by_number(fake: Any, model: Any) -> None:
    result = profile_by_binary(model, benchmark_model_here(fake("tf2_4_builtin.txt")), OperatorSettings(runs=50))
    assert [round(row.time_us) for row in result.rows] == [58, 11, 3, 2]


def test_latency_in_several_processes(fake: Any, model: Any) -> None:
    result = benchmark_by_binary(model, benchmark_model_here(fake("tf2_16_builtin.txt")), BenchmarkSettings(runs=50))
    assert len(result.processes) == len(result.raw_texts) == 3
    assert result.mean_us == pytest.approx(75.2)
    assert result.to_dict()["processes"][0]["median_us"] == 74
    assert result.input_source == "random, by the binary"


def test_options_that_the_binary_does_not_know_are_told(fake: Any, model: Any) -> None:
    with pytest.raises(BenchmarkError, match="failed .exit 1.: ERROR: Unconsumed cmdline flags: --num_threads=7"):
        benchmark_by_binary(
            model, benchmark_model_here(fake("tf2_16_builtin.txt")), BenchmarkSettings(threads=7, processes=1)
        )


def test_what_cannot_be_run(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"\x7fELF no program")
    text.chmod(0o755)
    with pytest.raises(BenchmarkError, match="for this processor"):
        benchmark_by_binary(model, benchmark_model_here(find_binary(text)), BenchmarkSettings(processes=1))
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setattr(benchmark_model_program, "SECONDS", 0.2)
    with pytest.raises(BenchmarkError, match="did not end within"):
        benchmark_by_binary(model, benchmark_model_here(slow), BenchmarkSettings(processes=1))
    with pytest.raises(BenchmarkError, match=r"A .tflite or .kws file runs on a device"):
        benchmark_by_binary(tmp_path / "model.keras", benchmark_model_here(slow), BenchmarkSettings(processes=1))


def invoke(*arguments: Any) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_commands_write_what_they_measured(fake: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.tflite.profile.measure_roofline.roofline_for", lambda kernels, threads: None)
    program = fake("tf2_12_xnnpack.txt")
    shown = invoke("profile", model, "--benchmark-binary", program)
    assert shown.exit_code == 0, shown.output
    assert "unit1_conv" in shown.output
    saved = json.loads((model.parent / "profile-none-benchmark_model.json").read_text())
    assert saved["rows"][0]["time_us"] == pytest.approx(29)
    assert (model.parent / "profile-none-benchmark_model.txt").read_text() == (LOGS / "tf2_12_xnnpack.txt").read_text()
    shown = invoke("benchmark", model, "--benchmark-binary", program, "--processes", 2)
    assert shown.exit_code == 0, shown.output
    assert "75.2 µs" in shown.output
    assert len(json.loads((model.parent / "binary-none.json").read_text())["processes"]) == 2


class Board(LocalSession):
    """A board that prints the log of a program that is pushed to it."""

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 600) -> RawRun:
        if command[0] == "sh":
            return RawRun("aarch64\nLinux 6.6 #1\n4\n/dev/root 9 9 9000000 1% /\n", "", 0, 0.1)
        if command[0] == "./benchmark_model":
            assert (self.folder / "benchmark_model").stat().st_mode & 0o100
            return RawRun((LOGS / "tf2_12_xnnpack.txt").read_text(), "", 0, 0.1)
        return RawRun("", "no Python", 127, 0.1)


def test_a_board_without_python_is_profiled_by_its_program(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = "ssh://pi@board"
    monkeypatch.setattr("tfkws.tflite.targets.ssh.SshSession", lambda address, python: Board(target))
    program = tmp_path / "benchmark_model"
    program.write_bytes(b"\x7fELF\x02\x01".ljust(18, b"\0") + (183).to_bytes(2, "little"))
    words = ("profile", "operators", model, "--target", target, "--runtime", "benchmark_model", "--binary", program)
    shown = invoke(*words, "--json")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert found == json.loads((tmp_path / "profile-none-benchmark_model-ssh-pi@board.json").read_text())
    assert (found["target"], found["machine"]["cores"], found["roofline"]) == (target, 4, None)
    assert [round(row["time_us"]) for row in found["rows"]] == [29, 5, 2, 1]
    assert (tmp_path / "profile-none-benchmark_model-ssh-pi@board.txt").read_text() == (
        LOGS / "tf2_12_xnnpack.txt"
    ).read_text()
    assert "no use for --method, --record" in invoke(*words, "--method", "submodels", "--record", "x").output


def test_commands_refuse_in_one_sentence(fake: Any, model: Any) -> None:
    program = fake("tf2_4_delegate.txt")
    shown = invoke("profile", model, "--benchmark-binary", program)
    assert shown.exit_code == 1
    assert "as a single row" in shown.output
    assert "no use for --input" in invoke("benchmark", model, "--benchmark-binary", program, "--input", "a.npy").output
    assert (
        "no use for --method" in invoke("profile", model, "--benchmark-binary", program, "--method", "submodels").output
    )
    assert (
        "takes a number from 1 on"
        in invoke("benchmark", model, "--benchmark-binary", program, "--threads", "auto").output
    )
    assert "not there or may not be run" in invoke("profile", model, "--benchmark-binary", "nothing").output
