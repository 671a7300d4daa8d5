"""Files that take long to make: one worker makes each, and the others of the same run read it."""

import os
from collections.abc import Callable
from pathlib import Path

_folders: list[Path] = []


def keep_in(folder: Path) -> None:
    """Name the folder of this run, which its workers share."""
    folder.mkdir(exist_ok=True)
    _folders[:] = [folder]


def made_once(name: str, make: Callable[[], bytes]) -> bytes:
    """Return the bytes that another worker made, or make them; two at once make the same."""
    if not _folders:
        return make()
    path = _folders[0] / name
    if not path.exists():
        partial = path.with_name(f"{name}.{os.getpid()}")
        partial.write_bytes(make())
        partial.rename(path)
    return path.read_bytes()
