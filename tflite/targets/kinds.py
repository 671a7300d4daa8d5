"""The kinds of targets, one row each in `TARGET_KINDS`: how an address is written, read and opened, and what it needs.

A new kind is a class with an address, a class with a session (`tfkws.tflite.targets.session.Session`) and a row here;
addresses, opening, `tfkws target list`, `tfkws doctor` and the help texts of the command line follow.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from tfkws.doctor import Finding
from tfkws.errors import ConfigError
from tfkws.tflite.targets.address import (
    CPUS,
    AdbAddress,
    Address,
    LocalAddress,
    QemuAddress,
    ReplayAddress,
    SshAddress,
)
from tfkws.tflite.targets.session import Session

GROUP = "target"
DEFAULT_PYTHON = "python3"


@dataclass(frozen=True)
class TargetKind:
    """One kind of target.

    Attributes:
        name: such as "ssh".
        form: how an address is written.
        meaning: what it is, for help texts.
        address: class of its addresses; its `parse` returns None where a text is an address of another kind.
        open: opens a session at an address, with the Python there, or an empty text for the default.
        find: says whether this machine can use such targets; connects to nothing and starts nothing.
        takes_python: whether the Python there can be chosen.
        is_emulated: whether a target counts instructions, and must not be timed.
    """

    name: str
    form: str
    meaning: str
    address: type[Address]
    open: Callable[[Any, str], Session]
    find: Callable[[], Finding]
    takes_python: bool = False
    is_emulated: Callable[[Any], bool] = lambda address: False


def _open_local(address: LocalAddress, python: str) -> Session:
    from tfkws.tflite.targets.local import LocalSession

    return LocalSession()


def _find_local() -> Finding:
    return Finding(GROUP, "local", "ok", "this machine")


def _open_ssh(address: SshAddress, python: str) -> Session:
    from tfkws.tflite.targets.ssh import SshSession

    return SshSession(address, python or DEFAULT_PYTHON)


def _find_ssh() -> Finding:
    name = "ssh://user@host:port"
    try:
        return Finding(GROUP, name, "ok", f"asyncssh {metadata.version('asyncssh')}")
    except metadata.PackageNotFoundError:
        return Finding(GROUP, name, "absent", "asyncssh is not installed", "pip install 'tfkws[devices]'")


def _open_adb(address: AdbAddress, python: str) -> Session:
    from tfkws.tflite.targets.adb import AdbSession

    return AdbSession(address.serial, python or DEFAULT_PYTHON)


def _find_adb() -> Finding:
    program = shutil.which("adb")
    if program is None:
        return Finding(GROUP, "adb:SERIAL", "absent", "no adb on PATH", "Install adb (Debian: apt install adb).")
    return Finding(GROUP, "adb:SERIAL", "ok", f"{program}; `adb devices` lists serial numbers")


def _open_qemu(address: QemuAddress, python: str) -> Session:
    from tfkws.tflite.targets.emulated.qemu import open_qemu

    return open_qemu(address.cpu)


def _find_qemu() -> Finding:
    from tfkws.tflite.targets.emulated.qemu import SETUP, is_set_up, read_setup

    name = f"qemu-aarch64:{'|'.join(CPUS)}"
    if not is_set_up():
        return Finding(GROUP, name, "absent", "not set up", f"Run `{SETUP}`.")
    setup = read_setup()
    version = setup["emulator_version"].split()[0]
    detail = f"QEMU {version}, {setup['python']}, ai-edge-litert {setup['ai_edge_litert']}; counts instructions"
    return Finding(GROUP, name, "ok", detail)


def _open_replay(address: ReplayAddress, python: str) -> Session:
    from tfkws.tflite.targets.replay import ReplaySession

    return ReplaySession(address.folder)


def _is_replay_of_emulated(address: ReplayAddress) -> bool:
    from tfkws.tflite.targets.replay import ReplaySession

    return ReplaySession(address.folder).target.startswith("replay of qemu-")


def _find_replay() -> Finding:
    return Finding(GROUP, "replay:DIR", "ok", "answers recorded by --record DIR")


TARGET_KINDS = (
    TargetKind("local", "local", "this machine", LocalAddress, _open_local, _find_local),
    TargetKind(
        "ssh", "ssh://[user@]host[:port]", "a board that runs sshd", SshAddress, _open_ssh, _find_ssh, takes_python=True
    ),
    TargetKind(
        name="adb",
        form="adb:SERIAL",
        meaning="an Android device or a board that runs adbd; `adb devices` lists serial numbers",
        address=AdbAddress,
        open=_open_adb,
        find=_find_adb,
        takes_python=True,
    ),
    TargetKind(
        name="qemu-aarch64",
        form="qemu-aarch64[:CPU]",
        meaning="emulated ARM: instruction counts, never times",
        address=QemuAddress,
        open=_open_qemu,
        find=_find_qemu,
        is_emulated=lambda address: True,
    ),
    TargetKind(
        name="replay",
        form="replay:DIR",
        meaning="answers recorded earlier by --record DIR",
        address=ReplayAddress,
        open=_open_replay,
        find=_find_replay,
        is_emulated=_is_replay_of_emulated,
    ),
)


def parse_address(text: str) -> Address:
    """Read a target's name.

    Raises:
        ConfigError: it is none; the message lists the forms.

    Example:
        >>> parse_address("qemu-aarch64:cortex-a76")
        QemuAddress(cpu='cortex-a76')
    """
    for kind in TARGET_KINDS:
        address = kind.address.parse(text)
        if address is not None:
            return address
    raise ConfigError(f"No target is called {text!r}; the forms are {', '.join(kind.form for kind in TARGET_KINDS)}.")


def kind_of(address: Address) -> TargetKind:
    """Return the kind of an address.

    Raises:
        StopIteration: no kind has addresses of that class.
    """
    return next(kind for kind in TARGET_KINDS if isinstance(address, kind.address))


def target_forms(*, but: tuple[str, ...] = ()) -> str:
    """Return how targets are written, for help texts.

    Args:
        but: names of kinds that are left out.

    Example:
        >>> target_forms(but=("ssh", "adb"))
        'local, qemu-aarch64[:CPU] or replay:DIR'
    """
    forms = [kind.form for kind in TARGET_KINDS if kind.name not in but]
    return f"{', '.join(forms[:-1])} or {forms[-1]}"


def usable_targets() -> list[Finding]:
    """Return one finding for each kind of target, for `tfkws target list` and `tfkws doctor`."""
    return [kind.find() for kind in TARGET_KINDS]
