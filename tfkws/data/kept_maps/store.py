"""Arrays on disk that can be made again: bounded, each whole or absent, shared by all processes that map them.

The arrays that belong together are files of one folder, a set, and all sets lie side by side. Above the limit the set
that was used longest ago goes first, never one that a running process has open. A file ends in a checksum, so that a
damaged one is noticed and made again. Whatever cannot be kept is made each time.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from math import prod
from pathlib import Path

import numpy as np

from tfkws.partial_files import is_being_written, lock, partial_file, remove_leftovers
from tfkws.units import format_bytes

_CHECKSUM_BYTES = 8
_START = 0x9E3779B97F4A7C15
_SPARE_BYTES = 1 << 29  # of the disk, left to what cannot be made again
_PATIENCE_S = 5.0  # with another process that makes the same array
_LOOK_S = 0.01

_said: set[str] = set()


class ArrayStore:
    """A set of float32 arrays by name.

    Args:
        folder: of the set; its parent holds all sets.
        limit_bytes: that all sets together may take.
        how_to_raise: the end of the sentence that says that the limit is reached.

    Raises:
        OSError: the folder cannot be made or opened.
    """

    def __init__(self, folder: Path, limit_bytes: int, how_to_raise: str = "raise the limit to keep more") -> None:
        self.folder, self._limit, self._how_to_raise = folder, limit_bytes, how_to_raise
        self._handle = _opened(folder)
        self._keeps = True
        remove_leftovers(folder)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None:
            os.close(handle)  # and with it the mark that the set is in use

    def array(self, name: str, shape: tuple[int, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array of that name, mapped from its file where it is whole, else made and kept.

        Where another process is making the same array just now, its file is waited for, a few seconds at most.

        Args:
            make: returns the array, float32 of `shape`.

        Returns:
            float32; changes to it stay in this process.
        """
        path = self.folder / f"{name}.f32"
        found = _read(path, shape)
        deadline = time.monotonic() + _PATIENCE_S
        while found is None and is_being_written(path) and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
            found = _read(path, shape)
        return self._made(path, shape, make) if found is None else found

    def _made(self, path: Path, shape: tuple[int, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
        """Make the array while the name is claimed, and write it; an array that cannot be written is as good."""
        if not self._keeps or not self._has_room(4 * prod(shape) + _CHECKSUM_BYTES):
            return make()
        with ExitStack() as stack:
            try:
                partial = stack.enter_context(partial_file(path))
            except OSError as error:
                self._give_up(error)
                return make()
            made = make()
            try:
                _write(partial, made)
                partial.replace(path)
            except OSError as error:
                self._give_up(error)
            return made

    def _give_up(self, error: OSError) -> None:
        self._stop(f"Feature maps cannot be kept in {self.folder.parent} ({error.strerror or error})")

    def _has_room(self, needed: int) -> bool:
        """Whether `needed` bytes may be written, after removing what was used longest ago."""
        if not _make_room(self.folder, needed, self._limit):
            self._stop(
                f"Feature maps kept in {self.folder.parent} have reached {format_bytes(self._limit)}; "
                f"{self._how_to_raise}",
                "The rest is computed in every training.",
            )
        elif _free_bytes(self.folder) < needed + _SPARE_BYTES:
            self._stop(f"Feature maps are not kept: the disk of {self.folder.parent} is nearly full; free some space")
        return self._keeps

    def _stop(self, reason: str, consequence: str = "They are computed in every training.") -> None:
        """Keep no more, and say why once a process."""
        self._keeps = False
        if reason not in _said:
            _said.add(reason)
            logging.getLogger(__name__).warning("%s. %s", reason, consequence)


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """Map a file, copied where it is written to; None where it is missing, of another size or damaged."""
    size = 4 * prod(shape)
    try:
        if path.stat().st_size != size + _CHECKSUM_BYTES:
            return None
        content = np.asarray(np.memmap(path, np.uint8, "c"))
    except (OSError, ValueError):
        return None
    if content[size:].tobytes() != _checksum(content[:size]):
        return None
    return content[:size].view("<f4").reshape(shape)


def _write(path: Path, array: np.ndarray) -> None:
    """Write by plain writes: on a full disk they raise an error, where a mapping kills the process."""
    content = np.ascontiguousarray(array, "<f4").reshape(-1).view(np.uint8)
    with path.open("wb") as file:
        file.write(content.tobytes())
        file.write(_checksum(content))


def _checksum(content: np.ndarray) -> bytes:
    """Sum 64-bit words, twenty times as fast as a CRC, from a start that a file of zeros does not have."""
    words = len(content) // _CHECKSUM_BYTES * _CHECKSUM_BYTES
    rest = int.from_bytes(content[words:].tobytes(), "little")
    total = int(np.add.reduce(content[:words].view("<u8"), dtype=np.uint64)) + rest + _START
    return (total % 2**64).to_bytes(_CHECKSUM_BYTES, "little")


def _opened(folder: Path) -> int | None:
    """Make the folder, mark it as used now, and hold it as long as the handle is open; None without such locks."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            os.utime(folder)
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # removed just now
            continue
        except PermissionError:  # Windows opens no folders
            return None
        with suppress(OSError):
            lock(handle, wait=True, shared=True)
        with suppress(OSError):
            if os.path.samestat(os.fstat(handle), os.stat(folder)):
                return handle
        os.close(handle)


def _make_room(folder: Path, needed: int, limit: int) -> bool:
    """Remove other sets, longest unused first, until `needed` bytes more stay within `limit`; whether they do."""
    sizes = {each: sum(_sizes(each)) for each in _sets(folder.parent)}
    total = sum(sizes.values()) + needed
    for other in sorted((each for each in sizes if each != folder), key=_last_use):
        if total <= limit:
            break
        if _removed(other):
            total -= sizes[other]
    return total <= limit


def _sets(root: Path) -> list[Path]:
    with suppress(OSError):
        return [each for each in root.iterdir() if each.is_dir()]
    return []


def _sizes(folder: Path) -> Iterator[int]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                yield entry.stat().st_size


def _last_use(folder: Path) -> float:
    with suppress(OSError):
        return folder.stat().st_mtime
    return 0.0


def _removed(folder: Path) -> bool:
    """Remove a set that no process has open; those that map one of its files keep that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        lock(handle, wait=False)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return False
    except OSError:  # no locks here
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
    return True


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
