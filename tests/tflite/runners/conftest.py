"""Real servers on loopback for the tests marked `device`; each skips with its reason where a package is missing."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tfkws.tflite.one_operator import null_model

REPOSITORY = Path(__file__).parents[3]


def require_programs(*programs: str, package: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is missing: apt install {package}")


@pytest.fixture
def abs_file(tmp_path: Path) -> Path:
    """A model of one ABS on one number, which needs no converter."""
    path = tmp_path / "abs.tflite"
    path.write_bytes(null_model())
    return path


@dataclass
class Cli:
    """Runs the command line in a process with an environment of its own."""

    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tfkws", *words]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **self.environment}, cwd=REPOSITORY,
        )  # fmt: skip

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words)
        stdout, stderr = process.communicate(timeout=300)
        return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


@dataclass
class Sshd:
    """A real sshd on loopback with keys of its own; `temporary` is where its sessions put temporary files."""

    folder: Path
    port: int
    temporary: Path

    @property
    def target(self) -> str:
        return f"ssh://{os.environ.get('USER') or 'root'}@127.0.0.1:{self.port}"

    @property
    def cli(self) -> Cli:
        return Cli({"HOME": str(self.folder / "home")})

    def left(self) -> list[str]:
        """What lies in its folder for temporary files."""
        return [path.name for path in self.temporary.iterdir()]

    def running(self) -> list[int]:
        """Processes whose working folder is below its folder for temporary files."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if Path(os.readlink(process / "cwd")).is_relative_to(self.temporary):
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def wait_until_tidy(self, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while (self.left() or self.running()) and time.monotonic() < end:
            time.sleep(0.1)
        assert (self.left(), self.running()) == ([], [])


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    pytest.importorskip("asyncssh", reason="asyncssh is missing: pip install 'tfkws[devices]'")
    require_programs("ssh-keygen", package="openssh-client")
    if not Path("/usr/sbin/sshd").exists():
        pytest.skip("sshd is missing: apt install openssh-server")
    yield from start_sshd(tmp_path_factory.mktemp("sshd"))


def start_sshd(folder: Path, temporary: Path | None = None) -> Iterator[Sshd]:
    ssh, temporary = folder / "home" / ".ssh", temporary or folder / "temporary"
    ssh.mkdir(parents=True)
    temporary.mkdir(exist_ok=True)
    for key in (folder / "host_key", ssh / "id_ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    port = free_port()
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host_key.pub').read_text()}")
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile {folder}/pid\nUsePAM no\n"
        f"AuthorizedKeysFile {ssh}/id_ed25519.pub\nStrictModes no\nPasswordAuthentication no\n"
        f"PermitRootLogin prohibit-password\nSetEnv TMPDIR={temporary}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", f"{folder}/sshd_config", "-E", f"{folder}/log"])
    try:
        wait_for_port(port)
        yield Sshd(folder, port, temporary)
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for_port(port: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")
