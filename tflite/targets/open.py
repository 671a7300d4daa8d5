"""Open a target by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfkws.errors import ConfigError
from tfkws.tflite.targets.address import (
    AdbAddress,
    Address,
    LocalAddress,
    QemuAddress,
    ReplayAddress,
    SshAddress,
    parse_address,
)
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.replay import RecordingSession, ReplaySession
from tfkws.tflite.targets.session import Session


@contextmanager
def open_target(target: str, python: str = "", record: Path | None = None) -> Iterator[Session]:
    """Open a target, and tidy up there in any case.

    Args:
        target: one of `tfkws.tflite.targets.address.FORMS`.
        python: the Python of an ssh or adb target, if it is not python3.
        record: folder that gets a recording of all that is asked and answered.

    Raises:
        ConfigError: there is no such target, or it takes no `python`.
        TargetError: it cannot be reached or is not set up.
        RuntimeUnavailableError: asyncssh or adb is not installed here.
    """
    session = _open(parse_address(target), python)
    try:
        yield RecordingSession(session, record) if record else session
    finally:
        session.close()


def is_emulated(target: str) -> bool:
    """Whether a target is an emulator, or a recording of one: it counts instructions and must not be timed.

    Raises:
        ConfigError, TargetError: there is no such target or recording.
    """
    address = parse_address(target)
    if isinstance(address, ReplayAddress):
        return ReplaySession(address.folder).target.startswith("replay of qemu-")
    return isinstance(address, QemuAddress)


def _open(address: Address, python: str) -> Session:
    if python and not isinstance(address, SshAddress | AdbAddress):
        raise ConfigError("Only ssh and adb targets take --python; the others bring their own.")
    match address:
        case LocalAddress():
            return LocalSession()
        case ReplayAddress(folder):
            return ReplaySession(folder)
        case QemuAddress(cpu):
            from tfkws.tflite.targets.emulated.qemu import open_qemu

            return open_qemu(cpu)
        case SshAddress():
            from tfkws.tflite.targets.ssh import SshSession

            return SshSession(address, python or "python3")
        case AdbAddress(serial):
            from tfkws.tflite.targets.adb import AdbSession

            return AdbSession(serial, python or "python3")
