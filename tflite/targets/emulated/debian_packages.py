"""Debian packages by this machine's own sources, for any architecture, into a folder: apt-get without installing."""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.units import format_bytes

_ARCHIVE = re.compile(r"'[^']+' (?P<file>\S+\.deb) (?P<size>\d+)")
INSTALLED = Path("/var/lib/dpkg/status")


class AptFolder:
    """apt-get with lists, cache and state in a folder of its own.

    Args:
        folder: where they are kept; downloads go on there after an interruption.
        architecture: such as "arm64", of which nothing counts as installed; empty for this machine's own, of
            which only what is missing is downloaded.

    Raises:
        RuntimeUnavailableError: there is no apt-get or no dpkg-deb here.
    """

    def __init__(self, folder: Path, architecture: str) -> None:
        missing = [program for program in ("apt-get", "dpkg-deb") if shutil.which(program) is None]
        if missing:
            raise RuntimeUnavailableError(
                f"Setting up needs {' and '.join(missing)}, that is Debian or Ubuntu; use a container of one of them."
            )
        self._folder, self._architecture = folder, architecture
        self._archives = folder / "cache" / "archives"
        for made in (folder / "state" / "lists" / "partial", self._archives / "partial"):
            made.mkdir(parents=True, exist_ok=True)
        (folder / "nothing-installed").touch()

    def download(self, packages: Sequence[str], say: Callable[[str], None]) -> list[Path]:
        """Download packages with all they need; what is there is not downloaded again.

        Raises:
            TargetError: apt-get cannot; the message holds its reason.
        """
        ask = ["install", "--yes", "--no-install-recommends", *packages]
        self._read_lists(say)
        wanted = {found["file"]: int(found["size"]) for found in _ARCHIVE.finditer(self._apt(["--print-uris", *ask]))}
        if wanted:
            total = format_bytes(sum(wanted.values()))
            say(f"Downloading {len(wanted)} Debian packages, {total}, for {' '.join(packages)}")
            self._fetch(["--download-only", *ask])
        return sorted(self._archives.glob("*.deb"))

    def download_alone(self, package: str, say: Callable[[str], None]) -> Path:
        """Download one package without what it needs, and return its archive.

        Raises:
            TargetError: apt-get cannot; the message holds its reason.
        """
        self._read_lists(say)
        found = _ARCHIVE.search(self._apt(["download", "--print-uris", package]))
        if found is None:
            raise TargetError(f"apt-get names no archive of {package}; /etc/apt must list Debian's own sources.")
        say(f"Downloading the Debian package {package}, {format_bytes(int(found['size']))}")
        self._fetch(["download", package])
        return max(self._archives.glob(f"{package}_*.deb"), key=lambda archive: archive.stat().st_mtime)

    def unpack(self, archives: Sequence[Path], folder: Path) -> None:
        """Unpack archives into one folder; no script of theirs is run.

        Raises:
            TargetError: an archive is damaged.
        """
        for archive in archives:
            done = subprocess.run(
                ["dpkg-deb", "--extract", str(archive), str(folder)],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
            if done.returncode != 0:
                archive.unlink()
                raise TargetError(f"{archive.name} is damaged and was removed; run the same command again.")

    def _read_lists(self, say: Callable[[str], None]) -> None:
        if not any((self._folder / "state" / "lists").glob("*_Packages*")):
            say("Reading the package lists")
            self._apt(["update"])

    def _fetch(self, words: Sequence[str]) -> None:
        """Download; once more with fresh lists where a version of the old ones is gone."""
        try:
            self._apt(words)
        except TargetError:
            self._apt(["update"])
            self._apt(words)

    def _apt(self, words: Sequence[str]) -> str:
        installed = self._folder / "nothing-installed" if self._architecture else INSTALLED
        settings = {
            "Dir::State": self._folder / "state", "Dir::Cache": self._folder / "cache", "Dir::State::status": installed,
            "Debug::NoLocking": 1, "APT::Sandbox::User": "",
        }  # fmt: skip
        if self._architecture:
            settings |= {"APT::Architecture": self._architecture, "APT::Architectures": self._architecture}
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        command = ["apt-get", "--quiet", *options, *words]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, cwd=self._archives
        )
        if done.returncode != 0:
            errors = [line for line in done.stderr.splitlines() if line.startswith("E:")] or ["no reason given"]
            raise TargetError(
                f"apt-get {words[0].lstrip('-')} failed ({errors[0].removeprefix('E: ')}); check the network and "
                f"/etc/apt, whose sources must offer {self._architecture or 'them'}, and run the same command again."
            )
        return done.stdout
