"""Operators on a target: a session of this machine behind a board's name, its recording, and what is refused."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from odd_files import odd_file
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.pipeline.profile.on_target import profile_on_target
from tfkws.run_folder import read_json
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.session import RawRun

BOARD = "ssh://pi@board"
LOOK = (
    "aarch64\nLinux 6.6 #1\n4\n/dev/root 9 9 9000000 1% /\n"
    "==> proc/device-tree/model\nRaspberry Pi 4\n==> proc/loadavg\n0.10 0.1 0.1 1/2 3\n"
)


class Board(LocalSession):
    """This machine, which says that it is a board."""

    def __init__(self, without: str = "") -> None:
        super().__init__(BOARD)
        self.without = without

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 600) -> RawRun:
        if command[0] == "sh":
            return RawRun(LOOK, "", 0, 0.1)
        done = super().run(command, stdin, seconds)
        if command[-1] != "facts":
            return done
        facts = json.loads(done.stdout)
        facts["packages"].pop(self.without, "")
        return RawRun(json.dumps(facts | {"architecture": "aarch64"}), "", 0, 0.1)


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every ssh target that board."""
    monkeypatch.setattr("tfkws.tflite.targets.ssh.SshSession", lambda address, python: Board())


@pytest.fixture
def without_old_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every ssh target that board without tflite-runtime."""
    monkeypatch.setattr("tfkws.tflite.targets.ssh.SshSession", lambda address, python: Board(without="tflite-runtime"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "net.tflite"
    path.write_bytes(chain(40))
    return path


def profile(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["profile", "operators", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.usefixtures("board")
def test_a_profile_of_a_board_names_it_and_is_replayed(model: Path, tmp_path: Path) -> None:
    record = tmp_path / "recording"
    code, shown, said = profile(model, "--target", BOARD, "--runs", 20, "--record", record)
    assert code == 0, said
    found = read_json(tmp_path / "profile-net-submodels-ssh-pi@board.json")
    assert (found["target"], found["method"], found["roofline"]) == (BOARD, "submodels", None)
    assert found["machine"]["architecture"] == "aarch64" and found["machine"]["cores"] == 4
    assert [row["opcode"] for row in found["rows"]] == ["ABS"] * 40
    assert all(row["roofline_share"] is None for row in found["rows"])
    assert 0.4 * found["whole_us"] < found["sum_us"] + found["call_us"] < 2.5 * found["whole_us"]
    assert BOARD in shown and "limits (roofline) of a target are not measured" in " ".join(shown.split())
    code, replayed, said = profile(model, "--target", f"replay:{record}", "--runs", 20, "--json")
    assert code == 0, said
    again = json.loads(replayed)
    assert again["target"] == f"replay of {BOARD}"
    assert again["rows"] == found["rows"] and again["whole_us"] == found["whole_us"]
    assert len(list(tmp_path.glob("profile-net-submodels-replay-*.json"))) == 1


@pytest.mark.usefixtures("board")
def test_a_profile_of_a_board_is_compared_with_one_of_this_machine(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfkws.tflite.profile.measure_roofline.roofline_for", lambda kernels, threads: None)
    assert profile(model, "--target", BOARD, "--runs", 5)[0] == 0
    assert profile(model, "--method", "submodels", "--runs", 5)[0] == 0
    here = tmp_path / "profile-net-submodels.json"
    assert "target" not in read_json(here)
    (there,) = set(tmp_path.glob("profile-*.json")) - {here}
    done = CliRunner().invoke(app, ["compare", str(here), str(there), "--json"])
    assert done.exit_code == 0, done.stderr
    compared = json.loads(done.stdout)
    assert compared["first"]["device"] == read_json(here)["machine"]["cpu"]
    assert compared["second"]["device"] == read_json(there)["machine"]["cpu"]


@pytest.mark.parametrize("name", ["streaming", "while", "hash_table", "two_inputs"])
def test_odd_files_are_timed_by_a_session_of_this_machine(name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.tflite"
    path.write_bytes(odd_file(name))
    settings = OperatorSettings(method="submodels", runs=3, kernels="builtin")
    asked: list[tuple[str, int]] = []

    def limits(kernels: str, threads: int) -> None:
        asked.append((kernels, threads))

    result = profile_on_target(path, settings, "local", record=tmp_path / "recording", measure_limits=limits)
    assert asked == [("builtin", 1)]  # this machine's own limits
    assert sum(row.time_us for row in result.rows) > 0
    assert all(row.method == "submodel" for row in result.rows)


@pytest.mark.usefixtures("board")
def test_the_profiler_is_refused_in_one_sentence(model: Path) -> None:
    code, _, said = profile(model, "--target", BOARD, "--method", "profiler")
    assert (code, said.count("\n")) == (1, 1)
    assert "A target takes --method submodels" in said
    with pytest.raises(ConfigError, match="--method submodels"):
        profile_on_target(model, OperatorSettings(), BOARD)


def test_an_emulated_target_measures_no_time_and_names_what_counts(model: Path) -> None:
    for more in ((), ("--runtime", "benchmark_model")):
        code, _, said = profile(model, "--target", "qemu-aarch64:cortex-a76", *more)
        assert code == 1
        assert "is emulated, and times there mean nothing" in said
        assert "`tfkws count FILE --operators --target qemu-aarch64:cortex-a76`" in said
    with pytest.raises(BenchmarkError, match="counts the instructions of each operator"):
        profile_on_target(model, OperatorSettings(method="submodels"), "qemu-aarch64")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--method", "prefixes"), "A target takes --method submodels"),
        (("--runtime", "litert-gpu"), "litert-gpu profiles a GPU of this machine"),
        (("--runtime", "benchmark_model"), "give --binary PATH of one that was built for the target"),
        (("--runtime", "tflite_runtime"), "has no tflite-runtime; run `pip install tflite-runtime"),
    ],
)
@pytest.mark.usefixtures("without_old_runtime")
def test_what_a_board_cannot_do_is_one_sentence(options: tuple[str, ...], sentence: str, model: Path) -> None:
    code, _, said = profile(model, "--target", BOARD, *options)
    assert (code, said.count("\n")) == (1, 1)
    assert sentence in said
    assert list(model.parent.glob("*.json")) == []


def test_the_runtime_of_old_boards_is_for_targets(model: Path) -> None:
    code, _, said = profile(model, "--runtime", "tflite_runtime")
    assert code == 1 and "--runtime tflite_runtime is for a --target that has it; here give litert." in said


@pytest.mark.usefixtures("board")
def test_the_runtime_of_old_boards_profiles_there(model: Path) -> None:
    pytest.importorskip("tflite_runtime")
    code, shown, said = profile(model, "--target", BOARD, "--runtime", "tflite_runtime", "--runs", 5, "--json")
    assert code == 0, said
    found = json.loads(shown)
    assert (found["runtime"], found["runtime_version"]) == ("tflite_runtime", version("tflite-runtime"))


def test_this_machine_takes_no_other_python(model: Path) -> None:
    code, _, said = profile(model, "--python", "/usr/bin/python3")
    assert code == 1 and "leave out --python" in said
