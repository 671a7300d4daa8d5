"""Real servers on loopback for the tests marked `device`; each skips with its reason where a package is missing."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ADDRESS = "127.0.0.1:5555"  # of adbd, in its own network
REPOSITORY = Path(__file__).parents[3]


def require_programs(*programs: str, package: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is missing: apt install {package}")


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
class Board:
    """A device for the tests: where its temporary files go, what runs on it, and how its connection breaks."""

    temporary: Path

    def running(self) -> list[int]:
        """Processes that were started on it."""
        raise NotImplementedError

    def connect(self) -> str:
        """Make sure that it can be reached; what was said."""
        return ""

    def drop_connections(self) -> None:
        """Break what is connected, as a pulled cable does."""
        raise NotImplementedError

    def left(self) -> list[str]:
        """What lies in its folder for temporary files."""
        return [path.name for path in self.temporary.iterdir()]

    def wait_until_tidy(self, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while (self.left() or self.running()) and time.monotonic() < end:
            time.sleep(0.1)
        assert (self.left(), self.running()) == ([], [])

    def wait_for_run(self, seconds: float = 90) -> int:
        """Wait until the pushed archive times a model; return its process."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for pid in self.running():
                with suppress(OSError):  # it may end at any moment
                    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                    if words[0].endswith(b"python") and b"time" in words:
                        return pid
            time.sleep(0.05)
        raise AssertionError("no model was timed")


@dataclass
class Sshd(Board):
    """A real sshd on loopback with keys of its own."""

    kind = "ssh"

    folder: Path
    port: int

    @property
    def target(self) -> str:
        return f"ssh://{os.environ.get('USER') or 'root'}@127.0.0.1:{self.port}"

    @property
    def cli(self) -> Cli:
        return Cli({"HOME": str(self.folder / "home")})

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

    def drop_connections(self) -> None:
        """Kill the processes that serve connections, but not the listener."""
        listener = (self.folder / "pid").read_text().strip()
        children = subprocess.run(["ps", "--ppid", listener, "-o", "pid="], capture_output=True, text=True).stdout
        for pid in children.split():
            os.kill(int(pid), signal.SIGKILL)


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
        yield Sshd(temporary, folder, port)
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
class Adbd(Board):
    """A real adbd in network and mount namespaces of its own, because it listens on all interfaces and uses /tmp.

    `temporary` is what it sees as /tmp.
    """

    kind = "adb"
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    target: str = f"adb:{ADDRESS}"

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

    def drop_connections(self) -> None:
        self.adb("disconnect", ADDRESS)

    def connect(self) -> str:
        return self.adb("connect", ADDRESS)


@pytest.fixture(params=["sshd", "adbd"])
def board(request: pytest.FixtureRequest) -> Board:
    """Each kind of device in turn, connected."""
    device: Board = request.getfixturevalue(request.param)
    device.connect()
    return device


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
    device = Adbd(temporary, process, environment)
    try:
        end = time.monotonic() + 30
        while "connected to" not in (said := device.connect()):
            assert process.poll() is None and time.monotonic() < end, f"adbd does not answer: {said}"
            time.sleep(0.2)
        yield device
    finally:
        device.adb("kill-server")
        process.kill()
        process.wait(10)
