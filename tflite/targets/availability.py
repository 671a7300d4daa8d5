"""Which targets this machine can use, and the mend where it cannot; for `tfkws target list` and `tfkws doctor`."""

import shutil
from importlib import metadata

from tfkws.doctor import Finding
from tfkws.tflite.targets.address import CPUS
from tfkws.tflite.targets.emulated.qemu import SETUP, is_set_up, read_setup

GROUP = "target"


def usable_targets() -> list[Finding]:
    """One finding for each form of target; nothing is connected to and nothing started."""
    return [
        Finding(GROUP, "local", "ok", "this machine"),
        _ssh(),
        _adb(),
        _qemu(),
        Finding(GROUP, "replay:DIR", "ok", "answers recorded by --record DIR"),
    ]


def _ssh() -> Finding:
    name = "ssh://user@host:port"
    try:
        return Finding(GROUP, name, "ok", f"asyncssh {metadata.version('asyncssh')}")
    except metadata.PackageNotFoundError:
        return Finding(GROUP, name, "absent", "asyncssh is not installed", "pip install 'tfkws[devices]'")


def _adb() -> Finding:
    program = shutil.which("adb")
    if program is None:
        return Finding(GROUP, "adb:SERIAL", "absent", "no adb on PATH", "Install adb (Debian: apt install adb).")
    return Finding(GROUP, "adb:SERIAL", "ok", f"{program}; `adb devices` lists serial numbers")


def _qemu() -> Finding:
    name = f"qemu-aarch64:{'|'.join(CPUS)}"
    if not is_set_up():
        return Finding(GROUP, name, "absent", "not set up", f"Run `{SETUP}`.")
    setup = read_setup()
    version = setup["emulator_version"].split()[0]
    detail = f"QEMU {version}, {setup['python']}, ai-edge-litert {setup['ai_edge_litert']}; counts instructions"
    return Finding(GROUP, name, "ok", detail)
