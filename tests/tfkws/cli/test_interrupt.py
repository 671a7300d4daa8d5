"""Ctrl-C while training: one sentence, exit 1, nothing half-written; the same command then finishes the run."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def command(data: Path, out: Path, iterations: int) -> list[str]:
    options = ["--data", str(data), "--out", str(out), "--words", "yes", "--convs", "3x3,4"]
    return [sys.executable, "-m", "tfkws", "train", *options, "--iterations", str(iterations)]


def wait_for(folder: Path, name: str, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if list(folder.glob(f"*/{name}")):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_then_again(tmp_path: Path, make_folder: Callable[..., Path]) -> None:
    data, out = make_folder(), tmp_path / "out"
    pipe = subprocess.PIPE
    with subprocess.Popen(command(data, out, 100_000), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert wait_for(out, "history.csv", 90)  # is written after the first checkpoint
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, stderr
    assert "Error: Interrupted" in stderr
    assert "Traceback" not in stderr
    assert stdout == ""
    (folder,) = out.iterdir()
    left = {path.name for path in folder.iterdir()}
    assert left == {"config.json", "checkpoint.npz", "history.csv"}
