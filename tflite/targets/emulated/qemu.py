"""Emulated ARM processors: QEMU's user-mode emulator, an arm64 Python, and a plugin that counts instructions.

An emulator executes the very instructions that the processor would, so outputs can be compared and instructions be
counted. How long it takes says nothing about the processor: times are never reported.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfkws.errors import TargetError
from tfkws.run_folder import read_json
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.session import COUNTING_PYTHON, EMULATOR, PYTHON

SETUP = "tfkws target setup qemu-aarch64"
RECORD = "setup.json"  # written last, so a folder that holds it is whole
ROOT, CORES_FOLDER, HOST, PLUGIN = "root", "cores", "host", "instruction_plugin.so"


@dataclass(frozen=True)
class Core:
    """What Linux reports of a core; kernels are chosen by its part number and features.

    Attributes:
        part: "CPU part" in /proc/cpuinfo, an int.
        variant: "CPU variant" there, an int.
        features: "Features" there.
    """

    part: int
    variant: int
    features: str

    def cpuinfo(self) -> str:
        """Return /proc/cpuinfo of a machine with one such core."""
        lines = {
            "processor": "0",
            "BogoMIPS": "100.00",
            "Features": self.features,
            "CPU implementer": "0x41",
            "CPU architecture": "8",
            "CPU variant": hex(self.variant),
            "CPU part": hex(self.part),
            "CPU revision": "4",
        }
        return "".join(f"{key}\t: {value}\n" for key, value in lines.items()) + "\n"


CORES = {
    "cortex-a53": Core(0xD03, 0, "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"),
    "cortex-a76": Core(
        0xD0B,
        4,
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp",
    ),
}


def qemu_folder() -> Path:
    """Return the folder where the emulator's files are kept."""
    return Path.home() / ".cache" / "tfkws" / "qemu-aarch64"


def is_set_up(folder: Path | None = None) -> bool:
    """Return whether `tfkws target setup qemu-aarch64` has finished."""
    return ((folder or qemu_folder()) / RECORD).is_file()


def read_setup(folder: Path | None = None) -> dict[str, Any]:
    """Return what the setup recorded: versions and sizes.

    Raises:
        TargetError: it has not finished.
    """
    folder = folder or qemu_folder()
    if not is_set_up(folder):
        raise TargetError(f"qemu-aarch64 is not set up; run `{SETUP}`, which says what it downloads.")
    return dict(read_json(folder / RECORD))


def open_qemu(cpu: str, folder: Path | None = None) -> LocalSession:
    """Open a folder whose commands' Python runs on an emulated core.

    Raises:
        TargetError: the emulator is not set up.
    """
    folder = folder or qemu_folder()
    setup = read_setup(folder)
    programs = {
        PYTHON: emulated_python(cpu, folder, setup, counting=False),
        COUNTING_PYTHON: emulated_python(cpu, folder, setup, counting=True),
        EMULATOR: (setup["emulator"],),
    }
    return LocalSession(f"qemu-aarch64:{cpu}", programs, emulator_environment(folder, setup["site"]))


def emulated_python(cpu: str, folder: Path, setup: Mapping[str, Any], counting: bool) -> tuple[str, ...]:
    """Words that start the arm64 Python on an emulated core; `setup` names emulator and python."""
    plugin = ("-plugin", str(folder / PLUGIN)) if counting else ()
    core = str(folder / CORES_FOLDER / cpu)
    # The guest must not see the host's library path; -S keeps the host's Python packages out.
    return (
        setup["emulator"], "-cpu", cpu, *plugin, "-U", "LD_LIBRARY_PATH", "-L", core,
        str(folder / ROOT / "usr" / "bin" / setup["python"]), "-S",
    )  # fmt: skip


def emulator_environment(folder: Path, site: str = "") -> dict[str, str]:
    """Return the variables that the emulator and its guest need, and no others, so that counts repeat.

    Args:
        site: folder of the guest's Python packages, below `folder`.
    """
    machine = os.uname().machine
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(folder / site),
        "PYTHONHASHSEED": "0",
        "LD_LIBRARY_PATH": str(folder / HOST / "usr" / "lib" / f"{machine}-linux-gnu"),
    }
