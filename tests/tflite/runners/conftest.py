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
    """Runs the command line in a process with an environment of its own, perhaps through another program."""

    environment: dict[str, str] = field(default_factory=dict)
    through: tuple[str, ...] = ()

    def start(self, *words: str) -> "subprocess.Popen[str]":
        command = [*self.through, sys.executable, "-m", "tfkws", *words]
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


@dataclass
class Adbd:
    """A real adbd in network and mount namespaces of its own, because it listens on all interfaces and uses /tmp.

    `temporary` is what it sees as /tmp.
    """

    process: "subprocess.Popen[bytes]"
    temporary: Path
    environment: dict[str, str]
    target: str = "adb:127.0.0.1:5555"

    @property
    def through(self) -> tuple[str, ...]:
        """What runs a program in its network."""
        return ("nsenter", f"--net=/proc/{self.process.pid}/ns/net")

    @property
    def cli(self) -> Cli:
        return Cli(self.environment, self.through)

    def adb(self, *words: str) -> str:
        command = [*self.through, "adb", *words]
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60
        )
        return done.stdout + done.stderr

    def left(self) -> list[str]:
        """What lies in its folder for temporary files."""
        return [path.name for path in self.temporary.iterdir()]

    def running(self) -> list[int]:
        """Processes that it has started: those that see its /tmp."""
        own = os.readlink(f"/proc/{self.process.pid}/ns/mnt")
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "ns" / "mnt") == own and int(process.name) != self.process.pid:
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
def adbd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adbd]:
    require_programs("adb", "adbd", package="adb adbd (Debian: bookworm-backports)")
    yield from start_adbd(tmp_path_factory.mktemp("adbd"))


@pytest.fixture
def full_adbd(tmp_path: Path) -> Iterator[Adbd]:
    """One whose /tmp holds 64 KiB."""
    require_programs("adb", "adbd", package="adb adbd (Debian: bookworm-backports)")
    yield from start_adbd(tmp_path / "full", "mount -t tmpfs -o size=64k tmpfs /tmp")


def start_adbd(folder: Path, mount: str = "") -> Iterator[Adbd]:
    temporary, port = folder / "temporary", free_port()
    temporary.mkdir(parents=True)
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("namespaces cannot be made: run as root")
    script = f"ip link set lo up && {mount or f'mount --bind {temporary} /tmp'} && cd / && exec adbd"
    environment = {"ANDROID_ADB_SERVER_PORT": str(port), "HOME": str(folder), "ADB_MDNS": "0"}
    process = subprocess.Popen(
        ["unshare", "--net", "--mount", "sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    device = Adbd(process, temporary, environment)
    try:
        end = time.monotonic() + 30
        while "connected to" not in (said := device.adb("connect", "127.0.0.1:5555")):
            assert process.poll() is None and time.monotonic() < end, f"adbd does not answer: {said}"
            time.sleep(0.2)
        yield device
    finally:
        device.adb("kill-server")
        process.kill()
        process.wait(10)
