"""Programs of Debian packages, unpacked into a cache folder without being installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tfkws.cache_folders import cache_folders
from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.printable import printable

_LONGEST_S = 600


def find_program(name: str) -> Path | None:
    """Return where a program lies that was fetched; None where it was not."""
    paths = (folder / name / "usr" / "bin" / name for folder in cache_folders("voices"))
    return next((path for path in paths if path.is_file()), None)


def fetch_program(name: str, packages: Sequence[str], folder: Path | None = None) -> Path:
    """Return the path of a program, fetched by apt where it is missing; apt checks the signatures.

    Args:
        name: of the program, and of its folder in the cache.
        packages: Debian's names.
        folder: to keep it in; None for the first cache folder that can be written.

    Raises:
        RuntimeUnavailableError: there is no apt here, or no folder.
        SynthesisError: apt or dpkg failed.
    """
    if folder is None and (path := find_program(name)):
        return path
    folder = folder or next(cache_folders("voices"), None)
    if folder is None:
        raise RuntimeUnavailableError("No cache folder can be written; name one by the variable XDG_CACHE_HOME.")
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise RuntimeUnavailableError(f"{name} comes as a Debian package; install {name} by this system's own means.")
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as made:
        archives, unpacked = Path(made) / "archives", Path(made) / name
        archives.mkdir()
        _run(name, ["apt-get", "-o", "APT::Sandbox::User=root", "download", *packages], archives)
        for archive in sorted(archives.glob("*.deb")):
            _run(name, ["dpkg-deb", "-x", str(archive), str(unpacked)], archives)
        target = folder / name
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)
    return target / "usr" / "bin" / name


def _run(name: str, command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LONGEST_S)
    except subprocess.TimeoutExpired:
        raise SynthesisError(f"{command[0]} did not end within {_LONGEST_S} s; run the command again.") from None
    if done.returncode != 0:
        reason = printable((done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"])[-1])
        raise SynthesisError(
            f"{command[0]} could not fetch {name} ({reason[:200]}); run `apt install {name}`, or `apt update` first."
        )
