"""Hidden files that are not whole yet: locked as long as their writer lives, so that those of killed ones are found."""

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BEGINNING = ".partial-"  # of their names


@contextmanager
def partial_file(path: Path, suffix: str = "") -> Iterator[Path]:
    """Make an empty hidden file beside `path`, to be renamed to it when it is whole; otherwise it is removed.

    Args:
        suffix: of its name, for programs that go by it.

    Yields:
        Its path.

    Raises:
        OSError: the folder is missing or cannot be written.
    """
    partial, handle = _made(path, suffix)
    try:
        yield partial
    finally:
        os.close(handle)
        partial.unlink(missing_ok=True)


def remove_leftovers(folder: Path, name: str = "") -> None:
    """Remove the hidden files in `folder` whose writers were killed; those of running processes stay.

    Args:
        name: of the file that they were to become; empty for all.
    """
    for partial in folder.glob(f"{_BEGINNING}{glob.escape(name)}{'-' if name else ''}*"):
        with suppress(OSError), partial.open("rb") as file:
            lock(file.fileno(), wait=False)
            partial.unlink(missing_ok=True)


def _made(path: Path, suffix: str) -> tuple[Path, int]:
    """Return a new hidden file and its handle, which holds the lock."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f"{_BEGINNING}{path.name}-", suffix=suffix, dir=path.parent)
        with suppress(OSError, AttributeError):  # by its handle: another process may take it for a leftover just now
            os.fchmod(handle, 0o666 & ~_umask())
        with suppress(OSError):  # a file system without locks, where leftovers are nobody's to remove
            lock(handle, wait=True)
        if os.path.exists(name):  # and was not taken for a leftover before it was locked
            return Path(name), handle
        os.close(handle)


def is_being_written(path: Path) -> bool:
    """Return whether a running process has a hidden file that is to become `path`."""
    for partial in path.parent.glob(f"{_BEGINNING}{glob.escape(path.name)}-*"):
        try:
            with partial.open("rb") as file:
                lock(file.fileno(), wait=False)
        except BlockingIOError:
            return True
        except OSError:  # renamed meanwhile, or there are no locks here
            continue
    return False


def lock(handle: int, *, wait: bool, shared: bool = False) -> None:
    """Lock an open file or folder; the system lets go when its process ends, however it ends.

    Args:
        shared: whether others may hold it, too, in the same way.

    Raises:
        BlockingIOError: another process holds it.
        OSError: there are no locks here.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        raise OSError("no locks on this system") from None
    fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
