"""A real adbd in a namespace: what works, and every way in which it ends badly without leaving anything behind."""

import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.device
PYTHON = ("--python", sys.executable)


def wait_for_run(adbd, seconds=90):
    """Wait until the pushed archive times a model; return its process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for pid in adbd.running():
            with suppress(OSError):  # it may end at any moment
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"python") and b"time" in words:
                    return pid
        time.sleep(0.05)
    raise AssertionError("no model was timed")


def endless(adbd, model):
    """Start a benchmark that ends only when something happens to it."""
    options = ("--runs", "100000000", "--processes", "3", "--target", adbd.target, *PYTHON)
    return adbd.cli.start("benchmark", str(model), *options)


def test_a_device_is_checked(adbd):
    done = adbd.cli.run("target", "check", adbd.target, *PYTHON, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["architecture"] == os.uname().machine
    assert facts["packages"]["ai-edge-litert"]
    adbd.wait_until_tidy()


def test_a_model_is_timed_there(adbd, abs_file):
    done = adbd.cli.run("benchmark", str(abs_file), "--runs", "20", "--target", adbd.target, *PYTHON)
    assert done.returncode == 0, done.stderr
    (file,) = abs_file.parent.glob("benchmark-abs-adb-*.json")
    result = json.loads(file.read_text())
    assert result["target"] == adbd.target
    assert [len(process) for process in result["samples_ns"]] == [20, 20, 20]
    adbd.wait_until_tidy()


def test_a_pushed_binary_is_run_there(adbd, abs_file):
    """`echo` plays benchmark_model: it is pushed and run, and what it says is not what benchmark_model says."""
    words = ("--benchmark-binary", shutil.which("echo"), "--target", adbd.target)
    done = adbd.cli.run("benchmark", str(abs_file), *words)
    assert done.returncode == 1
    assert "no inference timings" in done.stderr and "--graph=model.tflite --num_threads=1" in done.stderr
    adbd.wait_until_tidy()


def test_an_absent_device_is_one_sentence(adbd, abs_file):
    done = adbd.cli.run("benchmark", str(abs_file), "--target", "adb:nobody", *PYTHON)
    assert (done.returncode, done.stderr.count("Error: ")) == (1, 1)
    assert "adb:nobody cannot be used" in done.stderr


def test_no_python_is_one_sentence(adbd):
    done = adbd.cli.run("target", "check", adbd.target, "--python", "/no/python")
    assert done.returncode == 1
    assert "needs Python 3.9 or later and has none" in done.stderr
    adbd.wait_until_tidy()


def test_a_full_disk_is_one_sentence(full_adbd, abs_file):
    done = full_adbd.cli.run("benchmark", str(abs_file), "--target", full_adbd.target, *PYTHON)
    assert (done.returncode, done.stderr.count("Error: ")) == (1, 1)
    assert "KiB free where temporary files go" in done.stderr and "free some space there" in done.stderr
    assert full_adbd.running() == []


def test_ctrl_c_leaves_nothing_there(adbd, abs_file):
    process = endless(adbd, abs_file)
    wait_for_run(adbd)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted" in stderr and "Traceback" not in stderr
    adbd.wait_until_tidy()


def test_a_killed_client_leaves_nothing_there(adbd, abs_file):
    process = endless(adbd, abs_file)
    wait_for_run(adbd)
    process.kill()
    process.communicate(timeout=60)
    adbd.wait_until_tidy()


def test_a_dropped_connection_leaves_nothing_there_and_keeps_what_finished(adbd, abs_file):
    """The second of three processes is held when the cable is pulled."""
    process = adbd.cli.start("benchmark", str(abs_file), "--runs", "20", "--target", adbd.target, *PYTHON)
    first = wait_for_run(adbd)
    while (second := wait_for_run(adbd)) == first:
        time.sleep(0.01)
    os.kill(second, signal.SIGSTOP)
    adbd.adb("disconnect", "127.0.0.1:5555")
    _, stderr = process.communicate(timeout=120)
    adbd.adb("connect", "127.0.0.1:5555")
    assert process.returncode == 1
    assert "The connection to" in stderr
    assert "1 of 3 processes were measured" in stderr
    (file,) = abs_file.parent.glob("benchmark-abs-adb-*.partial.json")
    assert len(json.loads(file.read_text())["samples_ns"]) == 1
    adbd.wait_until_tidy()


def test_a_killed_process_is_one_sentence(adbd, abs_file):
    process = endless(adbd, abs_file)
    os.kill(wait_for_run(adbd), signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was killed, mostly because memory ran out" in stderr
    adbd.wait_until_tidy()
