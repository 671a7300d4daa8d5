"""Set the emulator up in a cache folder: Debian packages for arm64, aarch64 wheels, QEMU, and the counting plugin.

apt-get and pip download, resume and check signatures and digests; nothing is installed on this machine and no rights of
the superuser are needed. Each step leaves its result under its final name only when it is whole, so that the same
command goes on where it was interrupted.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.run_folder import write_json
from tfkws.tflite.targets.emulated.debian_packages import AptFolder
from tfkws.tflite.targets.emulated.qemu import (
    CORES,
    CORES_FOLDER,
    HOST,
    PLUGIN,
    RECORD,
    ROOT,
    emulated_python,
    emulator_environment,
    qemu_folder,
)

GUEST_PACKAGES = ("python3-minimal", "libpython3-stdlib", "libstdc++6")
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
SOURCE = Path(__file__).with_name("instruction_plugin.c")
TRIAL = "import ai_edge_litert.interpreter, ctypes; ctypes.CDLL(None).syscall(0x6B7773, 7)"
SECONDS = 600

Say = Callable[[str], None]


def set_up_qemu(say: Say, litert: str = "", folder: Path | None = None) -> dict[str, Any]:
    """Set everything up, or return what is set up already.

    Args:
        say: called with a line of text at each step, before anything is downloaded with how much that is.
        litert: version of ai-edge-litert in the guest; empty for the one that is installed here.
        folder: None for `tfkws.tflite.targets.emulated.qemu.qemu_folder`.

    Returns:
        emulator (path), emulator_version, python, packages (those of the guest), wheels, downloaded_bytes.

    Raises:
        RuntimeUnavailableError: apt-get, dpkg-deb, pip or gcc is missing here.
        TargetError: a step failed; the message says which and why.
    """
    folder = folder or qemu_folder()
    litert = litert or metadata.version("ai-edge-litert")
    folder.mkdir(parents=True, exist_ok=True)
    debian = AptFolder(folder / "apt-arm64", "arm64")
    packages = _unpack_guest(debian, folder / ROOT, say)
    python = (folder / ROOT / "usr" / "bin" / "python3").readlink().name
    wheels = _unpack_wheels(python, litert, folder, say)
    emulator, version = _emulator(folder, say)
    _build_plugin(folder / PLUGIN, say)
    for name in CORES:
        _describe_core(name, folder)
    setup = {
        "emulator": emulator, "emulator_version": version, "python": python, "ai_edge_litert": litert,
        "site": f"site-{litert}", "wheels": wheels, "packages": packages,
        "downloaded_bytes": sum(packages.values()) + sum(wheels.values()),
    }  # fmt: skip
    say("Trying the emulated Python, the runtime and the counting of instructions")
    for name in CORES:
        _try(name, folder, setup)
    write_json(folder / RECORD, setup)
    return setup


def _unpack_guest(debian: AptFolder, root: Path, say: Say) -> dict[str, int]:
    """Download and unpack the guest's packages; name_version to bytes."""
    archives = debian.download(GUEST_PACKAGES, say)
    if not root.is_dir():
        _in_parts(root, lambda part: debian.unpack(archives, part))
    return {archive.stem: archive.stat().st_size for archive in archives}


def _unpack_wheels(python: str, litert: str, folder: Path, say: Say) -> dict[str, int]:
    """Download and unpack the guest's Python packages; file name to bytes."""
    wheels, site, version = folder / f"wheels-{litert}", folder / f"site-{litert}", python.removeprefix("python")
    if not wheels.is_dir():
        say(f"Downloading ai-edge-litert {litert} and NumPy for aarch64 and Python {version}, about 30 MiB")
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    fetch = ["download", "--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", version]
    _in_parts(wheels, lambda part: _pip([*fetch, *platforms, "-d", str(part), f"ai-edge-litert=={litert}", "numpy"]))
    files = sorted(wheels.glob("*.whl"))
    _in_parts(site, partial(_unpack_all, files))
    return {file.name: file.stat().st_size for file in files}


def _unpack_all(wheels: Sequence[Path], folder: Path) -> None:
    for wheel in wheels:
        shutil.unpack_archive(wheel, folder, "zip")


def _pip(words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if "No module named pip" in done.stderr:
        raise RuntimeUnavailableError("Setting up needs pip in this Python; run `python -m ensurepip`.")
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no reason given"]
        raise TargetError(f"pip cannot download the guest's packages ({errors[-1]}); run the same command again.")


def _emulator(folder: Path, say: Say) -> tuple[str, str]:
    """Path and version of a QEMU that takes plugins: the one on PATH, or one unpacked into the folder."""
    found = shutil.which("qemu-aarch64")
    if found is None or not _takes_plugins(found, folder):
        debian = AptFolder(folder / "apt-host", "")
        archives = debian.download(("qemu-user",), say)
        _in_parts(folder / HOST, lambda part: debian.unpack(archives, part))
        found = str(folder / HOST / "usr" / "bin" / "qemu-aarch64")
    if not _takes_plugins(found, folder):
        raise TargetError(
            f"{found} is built without plugins, as Debian 13's is; use Debian 12's qemu-user (7.2), for instance in a "
            "container."
        )
    return found, _first_line([found, "--version"], folder).removeprefix("qemu-aarch64 version ")


def _takes_plugins(emulator: str, folder: Path) -> bool:
    return "-plugin" in _output([emulator, "-help"], folder)


def _build_plugin(plugin: Path, say: Say) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise RuntimeUnavailableError("Counting needs a C compiler; install one (Debian: apt install gcc libc6-dev).")
    say("Compiling the plugin that counts instructions")
    partial = plugin.with_suffix(".part")
    command = [compiler, "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-o", str(partial), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise TargetError(f"{compiler} cannot compile {SOURCE.name} ({reason}); install libc6-dev.")
    partial.replace(plugin)


def _describe_core(name: str, folder: Path) -> None:
    """Make the folder of the guest's absolute paths: the root, and what Linux would report of the core."""
    core = folder / CORES_FOLDER / name
    processors = core / "sys" / "devices" / "system" / "cpu"
    for made in (core / "proc", processors):
        made.mkdir(parents=True, exist_ok=True)
    (core / "proc" / "cpuinfo").write_text(CORES[name].cpuinfo(), encoding="utf-8")
    for file, text in (("possible", "0\n"), ("present", "0\n"), ("kernel_max", "0\n")):
        (processors / file).write_text(text, encoding="utf-8")
    for entry in (folder / ROOT).iterdir():
        link = core / entry.name
        if not link.is_symlink():
            link.symlink_to(Path("..") / ".." / ROOT / entry.name)


def _try(cpu: str, folder: Path, setup: dict[str, Any]) -> None:
    words = [*emulated_python(cpu, folder, setup, counting=True), "-c", TRIAL]
    done = subprocess.run(
        words, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=SECONDS,
        env=emulator_environment(folder, setup["site"]),
    )  # fmt: skip
    if done.returncode != 0 or "tfkws-mark 7 " not in done.stderr:
        reason = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise TargetError(
            f"QEMU {setup['emulator_version']} does not run ai-edge-litert {setup['ai_edge_litert']} on {cpu} "
            f"({reason}); try another version by --litert, such as 2.1.6."
        )


def _in_parts(final: Path, fill: Callable[[Path], Any]) -> None:
    """Fill a folder under another name and rename it when it is whole; do nothing where it is there."""
    if final.is_dir():
        return
    part = final.with_name(f"{final.name}.part")
    part.mkdir(exist_ok=True)
    fill(part)
    part.replace(final)


def _first_line(command: Sequence[str], folder: Path) -> str:
    return (_output(command, folder).splitlines() or ["unknown"])[0]


def _output(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=emulator_environment(folder),
            timeout=SECONDS,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout + done.stderr
