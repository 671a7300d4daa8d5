"""What the folder brings along besides data: sources, wheels, the Vulkan loader. Fetched where this machine can."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.gpu.prepared import LOADER, WHEELS

# What Keras and LiteRT need and a machine with JAX and NumPy may lack. Keras' files need h5py too, which is large: they
# are written where the results are taken in.
PACKAGES = ("keras", "namex", "optree", "absl-py", "packaging", "rich", "markdown-it-py", "mdurl", "pygments",
            "ai-edge-litert>=2.3", "flatbuffers", "typing-extensions")  # fmt: skip
PLATFORMS = tuple(f"manylinux_2_{minor}_x86_64" for minor in (17, 24, 26, 27, 28, 31, 34, 35))
SOURCES = {"tfkws": "tfkws", "tflite": "tfkws/tflite", "tuner": "tfkws/tuner", "benchmarks": "benchmarks"}
LIBRARY, PACKAGE = "libvulkan.so.1", "libvulkan1"

Say = Callable[[str], None]


def copy_sources(root: Path, folder: Path) -> None:
    """Copy the package as it is installed, and the benchmarks, without what was compiled."""
    for source, place in SOURCES.items():
        shutil.copytree(
            root / source, folder / place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )


def fetch_wheels(folder: Path, python: str, say: Say) -> None:
    """Download wheels of Linux on x86-64 for a version of Python; what cannot be had is told and left out."""
    target = folder / WHEELS
    target.mkdir(parents=True, exist_ok=True)
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--python-version", python, *platforms, "--dest", str(target), package]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            say(f"Left out: {package} for Python {python} ({reason}).")


def fetch_loader(folder: Path, say: Say) -> None:
    """Unpack Debian's Vulkan loader, which a server's GPU driver does not bring; told and left out without apt."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        say(f"Left out: the Vulkan loader, since this machine has no apt-get; put {LIBRARY} into {folder / LOADER}.")
        return
    with tempfile.TemporaryDirectory(prefix="tfkws-loader-") as temporary:
        done = subprocess.run(
            ["apt-get", "download", "--quiet", PACKAGE], cwd=temporary, capture_output=True, check=False
        )
        archives = list(Path(temporary).glob("*.deb"))
        if done.returncode or not archives:
            say(f"Left out: the Vulkan loader, since apt-get could not fetch {PACKAGE}.")
            return
        subprocess.run(["dpkg-deb", "-x", str(archives[0]), "unpacked"], cwd=temporary, check=True)
        found = min(Path(temporary).glob(f"unpacked/usr/lib/*/{LIBRARY}"))
        (folder / LOADER).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found.resolve(), folder / LOADER / LIBRARY)


def unpack_wheels(folder: Path, site: Path, is_installed: Callable[[str], bool]) -> list[str]:
    """Unpack the carried wheels of modules that this machine lacks, and return their file names.

    Args:
        site: folder to import from.
        is_installed: whether a top module can be imported without them.
    """
    unpacked = []
    for wheel in sorted((folder / WHEELS).glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            if not all(map(is_installed, top_modules(archive.namelist()))):
                archive.extractall(site)
                unpacked.append(wheel.name)
    return unpacked


def top_modules(names: Sequence[str]) -> set[str]:
    """Return the modules that a wheel brings, from the names of its files.

    Example:
        >>> sorted(top_modules(["keras/__init__.py", "keras/src/x.py", "six.py", "keras-3.dist-info/METADATA"]))
        ['keras', 'six']
    """
    packages = {name.split("/")[0] for name in names if name.count("/") == 1 and name.endswith("/__init__.py")}
    return packages | {name.removesuffix(".py") for name in names if "/" not in name and name.endswith(".py")}
