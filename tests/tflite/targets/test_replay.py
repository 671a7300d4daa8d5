"""Recordings through the whole command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.errors import TargetError
from tfkws.tflite.targets import device_archive
from tfkws.tflite.targets.replay import FILE, RecordingSession, ReplaySession, run_step
from tfkws.tflite.targets.session import RawRun

SAMPLES = [[10_000, 12_000, 11_000], [20_000, 22_000, 21_000], [30_000, 31_000, 32_000]]
LOOK = "aarch64\nLinux 6.6 #1\n4\n/dev/root 9 9 9000000 1% /\n==> proc/loadavg\n0.10 0.1 0.1 1/2 3\n"


class Board:
    """Answers as a board does, and fails at the process whose number it is given."""

    target = "ssh://pi@board"

    def __init__(self, fails_at: Any = None) -> None:
        self.fails_at, self.timed = fails_at, 0

    def push(self, name: Any, content: Any, executable: Any = False) -> None:
        pass

    def run(self, command: Any, stdin: Any = "", seconds: Any = 0) -> Any:
        if command[0] == "sh":
            return RawRun(LOOK, "", 0, 0.1)
        if command[1] == "-c":
            return RawRun("3.11.2\n", "", 0, 0.1)
        if command[2] == "time" and self.timed == self.fails_at:
            raise TargetError("The connection to ssh://pi@board was lost.")
        return RawRun(json.dumps(self.answer(command[2])), "", 0, 0.1)

    def answer(self, kind: Any) -> Any:
        if kind == "facts":
            packages = {"numpy": "1.26.4", "ai-edge-litert": "2.3.0"}
            return {"architecture": "aarch64", "python": "3.11.2", "packages": packages}
        if kind == "try":
            return {"runtime_version": "2.3.0"}
        self.timed += 1
        return {"load_us": 5.0, "rss_before_bytes": 1, "peak_rss_bytes": 2, "warmup_ns": [1],
                "samples_ns": SAMPLES[self.timed - 1], "runtime_version": "2.3.0"}  # fmt: skip

    def close(self) -> None:
        pass


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make every ssh target a board that answers; returns a function that sets when it fails."""
    chosen = {}
    monkeypatch.setattr("tfkws.tflite.targets.ssh.SshSession", lambda address, python: Board(**chosen))
    return lambda **options: chosen.update(options)


def invoke(*words: Any) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_replay_gives_what_was_recorded(board: Any, abs_file: Any, tmp_path: Path) -> None:
    record = ("--record", tmp_path / "recording")
    first = invoke("benchmark", abs_file, "--target", "ssh://pi@board", "--runs", 3, "--json", *record)
    assert first.exit_code == 0, first.stderr
    recorded = json.loads(first.stdout)[0]
    assert recorded["samples_ns"] == SAMPLES
    assert (recorded["median_us"], recorded["target"]) == (21.0, "ssh://pi@board")
    assert recorded["before"]["cores"] == 4
    again = invoke("benchmark", abs_file, "--target", f"replay:{tmp_path / 'recording'}", "--runs", 3, "--json")
    assert again.exit_code == 0, again.stderr
    replayed = json.loads(again.stdout)[0]
    assert replayed.pop("target") == "replay of ssh://pi@board"
    assert replayed == {key: value for key, value in recorded.items() if key != "target"}


@pytest.mark.parametrize("through", ["device", "replay"])
def test_what_finished_before_the_connection_was_lost_is_kept(
    board: Any, abs_file: Any, tmp_path: Path, through: Any
) -> None:
    board(fails_at=2)
    target = "ssh://pi@board"
    if through == "replay":
        invoke("benchmark", abs_file, "--target", target, "--record", tmp_path / "recording")
        next(abs_file.parent.glob("*.partial.json")).unlink()
        target = f"replay:{tmp_path / 'recording'}"
    done = invoke("benchmark", abs_file, "--target", target)
    assert done.exit_code == 1
    assert "Error: The connection to ssh://pi@board was lost." in done.stderr
    assert "2 of 3 processes were measured" in done.stderr
    (partial,) = abs_file.parent.glob("benchmark-abs-*.partial.json")
    kept = json.loads(partial.read_text())
    assert kept["samples_ns"] == SAMPLES[:2]
    assert kept["warnings"][0].startswith("stopped after 2 of 3 processes")


@pytest.mark.parametrize(
    ("options", "what"), [(("--runs", 4), "stdin"), (("--processes", 2), "run"), (("--processes", 4), "run")]
)  # fmt: skip
def test_other_options_than_recorded_are_refused(
    board: Any, abs_file: Any, tmp_path: Path, options: Any, what: Any
) -> None:
    invoke("benchmark", abs_file, "--target", "ssh://pi@board", "--runs", 3, "--record", tmp_path / "recording")
    again = invoke("benchmark", abs_file, "--target", f"replay:{tmp_path / 'recording'}", "--runs", 3, *options)
    if what == "run":  # the machine is asked for its state at another moment
        what = "run, stdin"
    assert again.exit_code == 1
    assert f"was recorded otherwise ({what}" in again.stderr


def test_another_model_than_recorded_is_refused(board: Any, abs_file: Any, tmp_path: Path) -> None:
    invoke("benchmark", abs_file, "--target", "ssh://pi@board", "--record", tmp_path / "recording")
    abs_file.write_bytes(abs_file.read_bytes() + b"\0")
    again = invoke("benchmark", abs_file, "--target", f"replay:{tmp_path / 'recording'}")
    assert "was recorded otherwise (sha256 differ)" in again.stderr


def test_a_recording_is_not_overwritten(board: Any, abs_file: Any, tmp_path: Path) -> None:
    for exit_code in (0, 1):
        done = invoke("benchmark", abs_file, "--target", "ssh://pi@board", "--record", tmp_path / "recording")
        assert done.exit_code == exit_code
    assert "holds a recording already" in done.stderr


def test_no_recording_is_one_sentence(abs_file: Path) -> None:
    done = invoke("benchmark", abs_file, "--target", "replay:nowhere")
    assert (done.exit_code, done.stderr) == (
        1, "Error: nowhere holds no recording; make one by --record nowhere.\n",
    )  # fmt: skip


def test_recordings_outlive_versions_of_the_archive(tmp_path: Path) -> None:
    session = RecordingSession(Board(), tmp_path)
    session.push(device_archive.NAME, b"an older archive")
    session.push("model", b"weights")
    replay = ReplaySession(tmp_path)
    replay.push(device_archive.NAME, b"a newer archive")
    with pytest.raises(TargetError, match="sha256 differ"):
        replay.push("model", b"other weights")
    assert "an older archive" not in (tmp_path / FILE).read_text()


def test_a_device_that_lacks_the_runtime_is_not_asked_to_time(
    board: Any, abs_file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Board, "answer", lambda self, kind: {"architecture": "armv6l", "packages": {"numpy": "1.26"}})
    done = invoke("benchmark", abs_file, "--target", "ssh://pi@board")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ssh://pi@board (armv6l, Python 3.11.2) has no ai-edge-litert; run `pip")
    assert list(abs_file.parent.glob("*.json")) == []


@pytest.mark.parametrize("answer", [3, [], "x", {"stdout": 3}, {"stdout": "", "stderr": "", "exit_code": "0"}])
def test_an_answer_that_is_none_is_one_sentence(answer: Any, tmp_path: Path) -> None:
    steps = [{"target": "x"}, {**run_step(["a"], ""), "answer": answer}]
    (tmp_path / FILE).write_text("\n".join(map(json.dumps, steps)))
    with pytest.raises(TargetError, match="is damaged .*; make a new recording"):
        ReplaySession(tmp_path).run(["a"])


@pytest.mark.parametrize("lines", ['{"target": "x"}\n3', "[]", '"x"', "3"])
def test_lines_that_are_no_steps_are_no_recording(lines: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(lines)
    with pytest.raises(TargetError, match="holds no recording"):
        ReplaySession(tmp_path)
