"""Addresses of targets, one class a kind of target; `tfkws.tflite.targets.kinds` reads them from text."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tfkws.errors import ConfigError

CPUS = ("cortex-a53", "cortex-a76")


@dataclass(frozen=True)
class LocalAddress:
    """This machine."""

    @classmethod
    def parse(cls, text: str) -> "LocalAddress | None":
        """Read "local"; None for anything else."""
        return cls() if text == "local" else None


@dataclass(frozen=True)
class SshAddress:
    """An account on a machine that runs sshd; None for a user or port of ~/.ssh/config or the defaults."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """Return the address as `ssh` takes it, without the port."""
        return f"{self.user}@{self.host}" if self.user else self.host

    @classmethod
    def parse(cls, text: str) -> "SshAddress | None":
        """Read ssh://[user@]host[:port]; None where the text begins otherwise.

        Raises:
            ConfigError: it begins so and goes on otherwise.

        Example:
            >>> SshAddress.parse("ssh://pi@raspberrypi:2222")
            SshAddress(host='raspberrypi', user='pi', port=2222)
        """
        if not text.startswith("ssh://"):
            return None
        parts = urlsplit(text)
        try:
            port = parts.port
        except ValueError:
            raise ConfigError(f"The port of {text!r} must be a number from 1 to 65535.") from None
        if parts.password is not None:
            raise ConfigError("A target takes no password; put a key on the device with ssh-copy-id.")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ConfigError(f"An ssh target is written ssh://[user@]host[:port]. Received {text!r}.")
        return cls(parts.hostname, parts.username, port)


@dataclass(frozen=True)
class AdbAddress:
    """A device that adb lists, by its serial number."""

    serial: str

    @classmethod
    def parse(cls, text: str) -> "AdbAddress | None":
        """Read adb:SERIAL; None for anything else."""
        kind, _, serial = text.partition(":")
        return cls(serial) if kind == "adb" and serial else None


@dataclass(frozen=True)
class QemuAddress:
    """An emulated processor, one of `CPUS`."""

    cpu: str = CPUS[0]

    @classmethod
    def parse(cls, text: str) -> "QemuAddress | None":
        """Read qemu-aarch64[:CPU]; None where the text begins otherwise.

        Raises:
            ConfigError: there is no such CPU.
        """
        kind, colon, cpu = text.partition(":")
        if kind != "qemu-aarch64":
            return None
        if colon and cpu not in CPUS:
            raise ConfigError(f"qemu-aarch64 emulates {' or '.join(CPUS)}. Received {cpu!r}.")
        return cls(cpu or CPUS[0])


@dataclass(frozen=True)
class ReplayAddress:
    """A folder of recorded answers."""

    folder: Path

    @classmethod
    def parse(cls, text: str) -> "ReplayAddress | None":
        """Read replay:DIR; None for anything else."""
        kind, _, folder = text.partition(":")
        return cls(Path(folder)) if kind == "replay" and folder else None


Address = LocalAddress | SshAddress | AdbAddress | QemuAddress | ReplayAddress
