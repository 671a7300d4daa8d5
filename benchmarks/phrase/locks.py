"""Processes of this page beside each other: what they share is made by one of them, while the others wait or go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfkws.partial_files import lock


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file; the system lets go of it when this process ends, however it ends.

    Raises:
        BlockingIOError: another process holds it, and this one does not `wait`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        lock(file.fileno(), wait=wait)
        yield
