"""Open a target by its address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfkws.errors import ConfigError
from tfkws.tflite.targets.address import Address
from tfkws.tflite.targets.kinds import TARGET_KINDS, kind_of, parse_address
from tfkws.tflite.targets.replay import RecordingSession
from tfkws.tflite.targets.session import Session


@contextmanager
def open_target(target: str, python: str = "", record: Path | None = None) -> Iterator[Session]:
    """Open a target, and tidy up there in any case.

    Args:
        target: an address, in a form of `tfkws.tflite.targets.kinds.TARGET_KINDS`.
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
    """Return whether a target is an emulator, or a recording of one: it counts instructions and must not be timed.

    Raises:
        ConfigError, TargetError: there is no such target or recording.

    Example:
        >>> is_emulated("qemu-aarch64"), is_emulated("ssh://pi@raspberrypi")
        (True, False)
    """
    address = parse_address(target)
    return kind_of(address).is_emulated(address)


def _open(address: Address, python: str) -> Session:
    kind = kind_of(address)
    if python and not kind.takes_python:
        names = " and ".join(kind.name for kind in TARGET_KINDS if kind.takes_python)
        raise ConfigError(f"Only {names} targets take --python; the others bring their own.")
    return kind.open(address, python)
