"""What only ssh has, with a real sshd on loopback: keys, and what the far Python lacks; see test_board_device.py."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.device
PYTHON = ("--python", sys.executable)


def test_a_pushed_binary_is_run_there(sshd: Any, abs_file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tfkws.tflite.profile.benchmark_model_program import push_and_run
    from tfkws.tflite.targets.open import open_target

    monkeypatch.setenv("HOME", str(sshd.folder / "home"))
    program = Path(str(shutil.which("echo"))).resolve()
    with open_target(sshd.target) as session:
        done = push_and_run(session, program, abs_file, ["--num_threads=1"])
        (folder,) = sshd.temporary.iterdir()
        assert (folder / "benchmark_model").read_bytes() == program.read_bytes()
    assert (done.exit_code, done.stdout.split()[-1]) == (0, "--num_threads=1"), done.stderr
    sshd.wait_until_tidy()


def test_an_unknown_host_key_is_refused(sshd: Any, tmp_path: Path) -> None:
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


def test_a_changed_host_key_is_refused(sshd: Any, tmp_path: Path) -> None:
    shutil.copytree(sshd.folder / "home", tmp_path / "home")
    other = (sshd.folder / "home/.ssh/id_ed25519.pub").read_text()
    (tmp_path / "home/.ssh/known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {other}")
    cli = sshd.cli
    cli.environment["HOME"] = str(tmp_path / "home")
    done = cli.run("target", "check", sshd.target)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is not among your known hosts" in done.stderr


def test_a_refused_key_is_one_sentence(sshd: Any, tmp_path: Path) -> None:
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


def test_a_python_without_numpy_is_one_sentence(sshd: Any, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    done = sshd.cli.run("target", "check", sshd.target, "--python", str(tmp_path / "bare/bin/python"))
    assert done.returncode == 1
    assert "without NumPy; run `pip install tfkws` there" in done.stderr
    sshd.wait_until_tidy()


def test_an_absent_runtime_is_one_sentence(sshd: Any, abs_file: Any) -> None:
    done = sshd.cli.run("benchmark", str(abs_file), "--runtime", "tf", "--target", sshd.target, *PYTHON)
    assert done.returncode == 1
    assert "has no tensorflow" in done.stderr
    sshd.wait_until_tidy()
