"""A real sshd and a real adbd: what works, and every way in which it ends badly without leaving anything behind."""

import json
import os
import signal
import sys
import time
from typing import Any

import pytest

pytestmark = pytest.mark.device
PYTHON = ("--python", sys.executable)


def endless(board: Any, model: Any) -> Any:
    """Start a benchmark that ends only when something happens to it."""
    options = ("--runs", "100000000", "--processes", "3", "--target", board.target, *PYTHON)
    return board.cli.start("benchmark", str(model), *options)


def test_a_board_is_checked(board: Any) -> None:
    done = board.cli.run("target", "check", board.target, *PYTHON, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["architecture"] == os.uname().machine
    assert facts["packages"]["ai-edge-litert"]
    assert facts["free_bytes"] > 0
    board.wait_until_tidy()


def test_a_model_is_timed_there(board: Any, abs_file: Any) -> None:
    done = board.cli.run("benchmark", str(abs_file), "--runs", "20", "--target", board.target, *PYTHON)
    assert done.returncode == 0, done.stderr
    (file,) = abs_file.parent.glob(f"benchmark-abs-{board.kind}-*.json")
    result = json.loads(file.read_text())
    assert result["target"] == board.target
    assert [len(process) for process in result["samples_ns"]] == [20, 20, 20]
    assert result["before"]["architecture"] == os.uname().machine
    board.wait_until_tidy()


def test_no_python_is_one_sentence(board: Any) -> None:
    done = board.cli.run("target", "check", board.target, "--python", "/no/python")
    assert done.returncode == 1
    assert "needs Python 3.9 or later and has none" in done.stderr
    board.wait_until_tidy()


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_nothing_there(board: Any, abs_file: Any) -> None:
    process = endless(board, abs_file)
    board.wait_for_run()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted" in stderr
    assert "Traceback" not in stderr
    board.wait_until_tidy()


def test_a_killed_client_leaves_nothing_there(board: Any, abs_file: Any) -> None:
    process = endless(board, abs_file)
    board.wait_for_run()
    process.kill()
    process.communicate(timeout=60)
    board.wait_until_tidy()  # asserts it


def test_a_dropped_connection_leaves_nothing_there_and_keeps_what_finished(board: Any, abs_file: Any) -> None:
    """The second of three processes is held when the connection breaks."""
    process = board.cli.start("benchmark", str(abs_file), "--runs", "20", "--target", board.target, *PYTHON)
    first = board.wait_for_run()
    while (second := board.wait_for_run()) == first:
        time.sleep(0.01)
    os.kill(second, signal.SIGSTOP)
    board.drop_connections()
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "The connection to" in stderr
    assert "1 of 3 processes were measured" in stderr
    (file,) = abs_file.parent.glob(f"benchmark-abs-{board.kind}-*.partial.json")
    kept = json.loads(file.read_text())
    assert len(kept["samples_ns"]) == 1
    assert kept["warnings"][0].startswith("stopped after 1 of 3 processes: The connection")
    board.wait_until_tidy()


def test_a_killed_process_is_one_sentence(board: Any, abs_file: Any) -> None:
    process = endless(board, abs_file)
    os.kill(board.wait_for_run(), signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was killed, mostly because memory ran out" in stderr
    board.wait_until_tidy()
