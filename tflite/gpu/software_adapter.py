"""A GPU in software: SwiftShader, out of Debian's chromium-common, unpacked into a cache folder without root.

It computes what a GPU computes, on the processor; its times say nothing about any GPU. Tests use it, and whoever wants
to know before buying a board whether a file runs wholly on one.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.targets.emulated.debian_packages import AptFolder

SETUP = "tfkws target setup software-gpu"
PACKAGE = "chromium-common"  # holds the driver and a Vulkan loader, each a file that needs nothing but libc
KEPT = ("libvk_swiftshader.so", "libvulkan.so.1")
DRIVER_FILE, RECORD = "swiftshader.json", "setup.json"  # the record is written last, so a folder that holds it is whole


def adapter_folder() -> Path:
    """Return the folder where the adapter is kept."""
    return Path.home() / ".cache" / "tfkws" / "software-gpu"


def set_up_adapter(say: Callable[[str], None], folder: Path | None = None) -> dict[str, Any]:
    """Download and unpack the adapter, or return what is set up already.

    Args:
        say: called with a line of text at each step, before anything is downloaded with how much that is.
        folder: None for `adapter_folder`.

    Returns:
        package (file name, with its version) and files (name to size in bytes).

    Raises:
        RuntimeUnavailableError: apt-get or dpkg-deb is missing here.
        TargetError: a step failed; the message says which and why.
    """
    folder = folder or adapter_folder()
    if (folder / RECORD).is_file():
        return dict(read_json(folder / RECORD))
    folder.mkdir(parents=True, exist_ok=True)
    debian = AptFolder(folder / "apt", "")
    archive = debian.download_alone(PACKAGE, say)
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        debian.unpack([archive], Path(unpacked))
        sizes = {name: _keep(Path(unpacked), name, folder) for name in KEPT}
    write_json(folder / DRIVER_FILE, _driver(folder / KEPT[0]))
    record = {"package": archive.name, "files": sizes}
    write_json(folder / RECORD, record)
    shutil.rmtree(folder / "apt")
    return record


def adapter_environment(folder: Path | None = None) -> dict[str, str]:
    """Return the variables of a process that is to use the adapter, and no other.

    Raises:
        RuntimeUnavailableError: it is not set up.
    """
    folder = folder or adapter_folder()
    if not (folder / RECORD).is_file():
        raise RuntimeUnavailableError(f"The software adapter is not set up; run `{SETUP}`.")
    libraries = [str(folder), *os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)]
    return {
        "VK_DRIVER_FILES": str(folder / DRIVER_FILE),
        "VK_ICD_FILENAMES": str(folder / DRIVER_FILE),  # the same for loaders before 1.3.207
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, libraries)),
    }


def _keep(unpacked: Path, name: str, folder: Path) -> int:
    """Move one library into the folder; its size in bytes."""
    found = next(unpacked.rglob(name), None)
    if found is None:
        raise TargetError(f"Debian's {PACKAGE} no longer holds {name}; use a GPU with a driver of its own.")
    found.replace(folder / name)
    return (folder / name).stat().st_size


def _driver(library: Path) -> dict[str, Any]:
    """What the Vulkan loader reads about a driver."""
    return {"file_format_version": "1.0.0", "ICD": {"library_path": str(library), "api_version": "1.3.0"}}
