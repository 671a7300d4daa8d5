"""A real sshd on loopback: what works, and every way in which it ends badly without leaving anything behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.device
PYTHON = ("--python", sys.executable)


def wait_for_run(sshd, seconds=90):
    """Wait until the pushed archive times a model; return its process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for pid in sshd.running():
            with suppress(OSError):  # it may end at any moment
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"python") and b"time" in words:
                    return pid
        time.sleep(0.05)
    raise AssertionError("no model was timed")


def endless(sshd, model, *more):
    """Start a benchmark that ends only when something happens to it."""
    options = ("--runs", "100000000", "--processes", "3", "--target", sshd.target, *PYTHON, *more)
    return sshd.cli.start("benchmark", str(model), *options)


def test_a_board_is_checked(sshd):
    done = sshd.cli.run("target", "check", sshd.target, *PYTHON, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["architecture"] == os.uname().machine
    assert facts["packages"]["ai-edge-litert"]
    assert facts["free_bytes"] > 0
    sshd.wait_until_tidy()


def test_a_model_is_timed_there(sshd, abs_file):
    done = sshd.cli.run("benchmark", str(abs_file), "--runs", "20", "--target", sshd.target, *PYTHON)
    assert done.returncode == 0, done.stderr
    (file,) = abs_file.parent.glob("benchmark-abs-ssh-*.json")
    result = json.loads(file.read_text())
    assert result["target"] == sshd.target
    assert [len(process) for process in result["samples_ns"]] == [20, 20, 20]
    assert result["before"]["architecture"] == os.uname().machine
    sshd.wait_until_tidy()


def test_a_pushed_binary_is_run_there(sshd, abs_file, monkeypatch):
    from tfkws.tflite.runners.binary import run_binary
    from tfkws.tflite.runners.open import open_target

    monkeypatch.setenv("HOME", str(sshd.folder / "home"))
    program = Path(shutil.which("echo")).resolve()
    with open_target(sshd.target) as session:
        done = run_binary(session, program, abs_file, ["--num_threads=1"])
        (folder,) = sshd.temporary.iterdir()
        assert (folder / "benchmark_model").read_bytes() == program.read_bytes()
    assert (done.exit_code, done.stdout.split()[-1]) == (0, "--num_threads=1"), done.stderr
    sshd.wait_until_tidy()


def test_an_unknown_host_key_is_refused(sshd, tmp_path):
    shutil.copytree(sshd.folder / "home", tmp_path / "home")
    (tmp_path / "home/.ssh/known_hosts").unlink()
    cli = sshd.cli
    cli.environment["HOME"] = str(tmp_path / "home")
    done = cli.run("target", "check", sshd.target)
    assert done.returncode == 1
    assert "is not among your known hosts" in done.stderr
    assert f"ssh -p {sshd.port}" in done.stderr
    key = subprocess.run(["ssh-keygen", "-lf", sshd.folder / "host_key.pub"], capture_output=True, text=True)
    assert key.stdout.split()[1] in done.stderr  # the fingerprint, as ssh-keygen prints it


def test_a_changed_host_key_is_refused(sshd, tmp_path):
    shutil.copytree(sshd.folder / "home", tmp_path / "home")
    other = (sshd.folder / "home/.ssh/id_ed25519.pub").read_text()
    (tmp_path / "home/.ssh/known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {other}")
    cli = sshd.cli
    cli.environment["HOME"] = str(tmp_path / "home")
    done = cli.run("target", "check", sshd.target)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is not among your known hosts" in done.stderr


def test_a_refused_key_is_one_sentence(sshd, tmp_path):
    shutil.copytree(sshd.folder / "home", tmp_path / "home")
    for file in (tmp_path / "home/.ssh").glob("id_*"):
        file.unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "home/.ssh/id_ed25519"], check=True)
    cli = sshd.cli
    cli.environment |= {"HOME": str(tmp_path / "home"), "SSH_AUTH_SOCK": ""}
    done = cli.run("target", "check", sshd.target)
    assert done.returncode == 1
    assert "takes none of your keys" in done.stderr
    assert "ssh-copy-id" in done.stderr


def test_a_python_without_numpy_is_one_sentence(sshd, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    done = sshd.cli.run("target", "check", sshd.target, "--python", str(tmp_path / "bare/bin/python"))
    assert done.returncode == 1
    assert "without NumPy; run `pip install tfkws` there" in done.stderr
    sshd.wait_until_tidy()


def test_no_python_is_one_sentence(sshd):
    done = sshd.cli.run("target", "check", sshd.target, "--python", "/no/python")
    assert done.returncode == 1
    assert "needs Python 3.9 or later and has none" in done.stderr
    sshd.wait_until_tidy()


def test_an_absent_runtime_is_one_sentence(sshd, abs_file):
    done = sshd.cli.run("benchmark", str(abs_file), "--runtime", "tf", "--target", sshd.target, *PYTHON)
    assert done.returncode == 1
    assert "has no tensorflow" in done.stderr
    sshd.wait_until_tidy()


def test_ctrl_c_leaves_nothing_there(sshd, abs_file):
    process = endless(sshd, abs_file)
    wait_for_run(sshd)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted" in stderr
    assert "Traceback" not in stderr
    sshd.wait_until_tidy()


def test_a_killed_client_leaves_nothing_there(sshd, abs_file):
    process = endless(sshd, abs_file)
    wait_for_run(sshd)
    process.kill()
    process.communicate(timeout=60)
    sshd.wait_until_tidy()


def test_a_dropped_connection_leaves_nothing_there_and_keeps_what_finished(sshd, abs_file):
    """The second of three processes is held when the server's side of the connection is killed."""
    process = sshd.cli.start("benchmark", str(abs_file), "--runs", "20", "--target", sshd.target, *PYTHON)
    first = wait_for_run(sshd)
    while (second := wait_for_run(sshd)) == first:
        time.sleep(0.01)
    os.kill(second, signal.SIGSTOP)
    kill_connections(sshd)
    _, stderr = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "The connection to" in stderr
    assert "1 of 3 processes were measured" in stderr
    (file,) = abs_file.parent.glob("benchmark-abs-ssh-*.partial.json")
    kept = json.loads(file.read_text())
    assert len(kept["samples_ns"]) == 1
    assert kept["warnings"][0].startswith("stopped after 1 of 3 processes: The connection")
    sshd.wait_until_tidy()


def test_a_killed_process_is_one_sentence(sshd, abs_file):
    process = endless(sshd, abs_file)
    os.kill(wait_for_run(sshd), signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was killed, mostly because memory ran out" in stderr
    sshd.wait_until_tidy()


def kill_connections(sshd):
    """Kill the server's processes that serve connections, but not the listener."""
    listener = int((sshd.folder / "pid").read_text())
    children = subprocess.run(["ps", "--ppid", str(listener), "-o", "pid="], capture_output=True, text=True).stdout
    for pid in children.split():
        os.kill(int(pid), signal.SIGKILL)
