"""What only adb has, with a real adbd in namespaces. See test_board_device.py too."""

import shutil
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.device
PYTHON = ("--python", sys.executable)


def test_a_pushed_binary_is_run_there(adbd: Any, abs_file: Any) -> None:
    """`echo` plays benchmark_model: it is pushed and run, and what it says is not what benchmark_model says."""
    words = ("--benchmark-binary", shutil.which("echo"), "--target", adbd.target)
    done = adbd.cli.run("benchmark", str(abs_file), *words)
    assert done.returncode == 1
    assert "no inference timings" in done.stderr and "--graph=model.tflite --num_threads=1" in done.stderr
    adbd.wait_until_tidy()


def test_an_absent_device_is_one_sentence(adbd: Any, abs_file: Any) -> None:
    done = adbd.cli.run("benchmark", str(abs_file), "--target", "adb:nobody", *PYTHON)
    assert (done.returncode, done.stderr.count("Error: ")) == (1, 1)
    assert "adb:nobody cannot be used" in done.stderr


def test_a_full_disk_is_one_sentence(full_adbd: Any, abs_file: Any) -> None:
    done = full_adbd.cli.run("benchmark", str(abs_file), "--target", full_adbd.target, *PYTHON)
    assert (done.returncode, done.stderr.count("Error: ")) == (1, 1)
    assert "KiB free where temporary files go" in done.stderr and "free some space there" in done.stderr
    assert full_adbd.running() == []
