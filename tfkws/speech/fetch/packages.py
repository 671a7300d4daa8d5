"""Archives from package registries, through the clients that are set up on this machine."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.printable import printable

LONGEST_S = 1800


@dataclass(frozen=True)
class Package:
    """A release in a registry that holds a part of a model: `registry` is that of `pip` or of `npm`."""

    registry: Literal["pip", "npm"]
    name: str
    version: str

    @property
    def archive(self) -> str:
        """Return the name of its archive's file."""
        if self.registry == "npm":
            return f"{self.name}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


Download = Callable[[Package, Path], None]


def download(package: Package, target: Path) -> None:
    """Write the archive of a package to `target`, whole or not at all.

    Raises:
        RuntimeUnavailableError: neither pip nor npm is here, whichever it takes.
        SynthesisError: the client failed.
        OSError: the folder cannot be written.
    """
    command = _command(package, target.parent)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=target.parent) as folder:
        try:
            done = subprocess.run(
                [*command, *_arguments(package, Path(folder))],
                cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=LONGEST_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise SynthesisError(
                f"{_failed(package)} (no end after {LONGEST_S} s); {_mend(package, target)}."
            ) from None
        found = sorted(Path(folder).iterdir())
        if done.returncode != 0 or not found:
            reason = _reason(done.stderr or done.stdout)
            raise SynthesisError(f"{_failed(package)} ({reason}); {_mend(package, target)}.")
        found[0].replace(target)


def _arguments(package: Package, folder: Path) -> list[str]:
    if package.registry == "npm":
        return ["pack", f"{package.name}@{package.version}", "--silent"]
    return [
        *("download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"),
        *("--dest", str(folder), f"{package.name}=={package.version}"),
    ]


def _command(package: Package, folder: Path) -> list[str]:
    """Return how the client is started: this Python's pip, or one on the path."""
    if package.registry == "pip" and _has_pip():
        return [sys.executable, "-m", "pip"]
    for name in ("npm",) if package.registry == "npm" else ("pip", "pip3"):
        if path := shutil.which(name):
            return [path]
    what = "npm (part of Node.js)" if package.registry == "npm" else "pip"
    raise RuntimeUnavailableError(
        f"A part of this voice is in the package {package.name} {package.version}, which takes {what}; install it, or "
        f"{_mend(package, folder / package.archive)}."
    )


def _has_pip() -> bool:
    import importlib.util

    return importlib.util.find_spec("pip") is not None


def _failed(package: Package) -> str:
    return f"{package.registry} could not download {package.name} {package.version}"


def _mend(package: Package, target: Path) -> str:
    by_hand = (
        f"npm pack {package.name}@{package.version}"
        if package.registry == "npm"
        else (f"pip download --no-deps {package.name}=={package.version}")
    )
    return f"run `{by_hand}` where that works, and put {package.archive} into {target.parent}"


def _reason(output: bytes) -> str:
    """Return the client's last line that tells something."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return printable((errors or lines or ["it says nothing"])[-1])[:200]
