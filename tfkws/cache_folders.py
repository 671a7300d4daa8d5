"""Where what can be made again is kept: the first place that can be written, as the system's conventions order them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def cache_folders(*names: str) -> Iterator[Path]:
    """Yield folders for a cache, best first; each exists and can be written.

    They lie under `$XDG_CACHE_HOME` or `~/.cache` (XDG Base Directory Specification), then under the folder for
    temporary files, which `$TMPDIR` names. There may be none at all; what cannot be kept must be made again.

    Args:
        names: of the folder, from the outside to the inside.

    Example:
        >>> all(folder.name == "roofline" for folder in cache_folders("roofline"))
        True
    """
    for root in _roots():
        folder = root.joinpath(*names)
        if can_write(folder):
            yield folder


def can_write(folder: Path) -> bool:
    """Return whether a file can be made in `folder`, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _roots() -> Iterator[Path]:
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):  # others are to be ignored, says the specification
        yield Path(named, "tfkws")
    with suppress(RuntimeError):  # a user without a home
        yield Path.home() / ".cache" / "tfkws"
    with suppress(OSError):
        yield _own_temporary_folder()


def _own_temporary_folder() -> Path:
    """Return a folder among the temporary files that nobody else can write into.

    Raises:
        OSError: there is none, or somebody else has made it.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir(), f"tfkws-{user}")
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or (user and status.st_uid != user) or status.st_mode & 0o022:
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder
