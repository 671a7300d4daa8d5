"""What lies in a folder, of whatever kind: links are followed, and what cannot be read is named instead of raised."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tfkws.data.audio.decoder import OTHER_SUFFIXES, SUFFIXES
from tfkws.errors import DataError
from tfkws.names import shown, text_of

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


@dataclass(frozen=True)
class Entry:
    """One name in a folder.

    Attributes:
        name: as Python lists it; below a walked folder, with the folders between.
        kind: "file", "folder", or in words what it is instead.
        status: of the file that a link leads to; None where there is none.
    """

    name: str
    kind: str
    status: os.stat_result | None

    @cached_property
    def suffix(self) -> str:
        """Ending of the name in lower case, such as ".wav"."""
        return os.path.splitext(self.name)[1].lower()

    def refusal(self) -> str:
        """Return why this is no clip that could be read, in words; empty where it is one, or does not claim to be."""
        if self.kind == "folder":
            return ""
        if text_of(self.name) is None:
            return "its name is not UTF-8 text; rename it"
        if self.kind != "file":
            return f"it is {self.kind}, not a file"
        if self.suffix in OTHER_SUFFIXES:
            return f"{self.suffix} is a format that libsndfile does not decode; convert it to WAV or FLAC"
        return ""

    def is_audio(self) -> bool:
        """Return whether it is a file whose name is that of audio, whether or not it can be read here."""
        return self.suffix in SUFFIXES | OTHER_SUFFIXES and self.kind != "folder"


def scan(folder: Path) -> list[Entry]:
    """Return what lies in a folder by name, without hidden names.

    Raises:
        OSError: the folder is missing or may not be read.
    """
    with os.scandir(folder) as entries:
        found = [_entry(entry) for entry in entries if not entry.name.startswith(".")]
    return sorted((entry for entry in found if entry is not None), key=lambda entry: os.fsencode(entry.name))


def walk(folder: Path) -> Iterator[Entry]:
    """Yield what lies below a folder at any depth, sorted; a folder that links lead to twice is read once.

    Folders that may not be read are yielded as what they are; the others are not.

    Raises:
        OSError: the folder itself is missing or may not be read.
    """
    yield from _walk(folder, "", {_identity(os.stat(folder))})


def audio_below(folder: Path) -> list[str]:
    """Return the audio files below a folder at any depth, sorted, as paths below it.

    Raises:
        DataError: there is no such folder, or no audio in it.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.")
    found = [entry for entry in walk(folder) if entry.kind == "file" and entry.suffix in SUFFIXES]
    files = sorted(name for name in (text_of(entry.name) for entry in found) if name is not None)
    if not files:
        raise DataError(f"{folder} holds no audio; give a folder of {', '.join(sorted(SUFFIXES))} files.")
    return files


def _walk(folder: Path, above: str, seen: set[tuple[int, int]]) -> Iterator[Entry]:
    for entry in scan(folder / above):
        below = Entry(f"{above}{entry.name}", entry.kind, entry.status)
        if entry.kind != "folder" or entry.status is None:
            yield below
        elif _identity(entry.status) not in seen:
            seen.add(_identity(entry.status))
            try:
                yield from _walk(folder, f"{below.name}/", seen)
            except PermissionError:
                yield Entry(below.name, "a folder that may not be read", entry.status)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _entry(entry: "os.DirEntry[str]") -> Entry | None:
    """Return what a name stands for; None where it vanished meanwhile."""
    try:
        status = entry.stat()
    except OSError as error:
        if not entry.is_symlink():
            return None if error.errno == errno.ENOENT else Entry(entry.name, f"unreadable ({error.strerror})", None)
        kind = "a link that leads to itself" if error.errno == errno.ELOOP else "a link that leads nowhere"
        return Entry(entry.name, kind, None)
    return Entry(entry.name, _KINDS.get(stat.S_IFMT(status.st_mode), "of no known kind"), status)


def left_out(entries: Iterator[Entry] | list[Entry], prefix: str = "") -> list[tuple[str, str]]:
    """Return (name, reason) of the entries that claim to be clips and cannot be, or are links to nothing."""
    return [
        (shown(f"{prefix}{entry.name}"), reason)
        for entry in entries
        if (reason := entry.refusal()) and (entry.is_audio() or entry.kind != "file")
    ]
