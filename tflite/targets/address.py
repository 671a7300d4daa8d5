"""Names of targets: local, ssh://[user@]host[:port], adb:SERIAL, qemu-aarch64[:CPU], replay:DIR."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tfkws.errors import ConfigError

FORMS = {
    "local": "this machine",
    "ssh://[user@]host[:port]": "a board that runs sshd",
    "adb:SERIAL": "an Android device or a board that runs adbd; `adb devices` lists serial numbers",
    "qemu-aarch64[:CPU]": "emulated ARM: instruction counts, never times",
    "replay:DIR": "answers recorded earlier by --record DIR",
}
CPUS = ("cortex-a53", "cortex-a76")


@dataclass(frozen=True)
class LocalAddress:
    """This machine."""


@dataclass(frozen=True)
class SshAddress:
    """An account on a machine that runs sshd; user and port are None where ~/.ssh/config or the defaults tell."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """Return the address as `ssh` takes it, without the port."""
        return f"{self.user}@{self.host}" if self.user else self.host


@dataclass(frozen=True)
class AdbAddress:
    """A device that adb lists."""

    serial: str


@dataclass(frozen=True)
class QemuAddress:
    """An emulated processor."""

    cpu: str = CPUS[0]


@dataclass(frozen=True)
class ReplayAddress:
    """A folder of recorded answers."""

    folder: Path


Address = LocalAddress | SshAddress | AdbAddress | QemuAddress | ReplayAddress


def parse_address(text: str) -> Address:
    """Read a target's name.

    Raises:
        ConfigError: it is none; the message lists the forms.
    """
    if text == "local":
        return LocalAddress()
    if text.startswith("ssh://"):
        return _ssh(text)
    kind, _, rest = text.partition(":")
    if kind == "adb" and rest:
        return AdbAddress(rest)
    if kind == "replay" and rest:
        return ReplayAddress(Path(rest))
    if kind == "qemu-aarch64" and (rest in CPUS or text == kind):
        return QemuAddress(rest or CPUS[0])
    if kind == "qemu-aarch64":
        raise ConfigError(f"qemu-aarch64 emulates {' or '.join(CPUS)}. Received {rest!r}.")
    raise ConfigError(f"No target is called {text!r}; the forms are {', '.join(FORMS)}.")


def _ssh(text: str) -> SshAddress:
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        raise ConfigError(f"The port of {text!r} must be a number from 1 to 65535.") from None
    if parts.password is not None:
        raise ConfigError("A target takes no password; put a key on the device with ssh-copy-id.")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(f"An ssh target is written ssh://[user@]host[:port]. Received {text!r}.")
    return SshAddress(parts.hostname, parts.username, port)
