"""Files of voices, made of members of package archives: fetched once into a cache folder, checked, kept whole.

Archives stay until the file is whole, so that an interrupted fetch goes on with the next one. One that lies
there already is used, so that a machine without a network can be given them by hand.
"""

import hashlib
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tfkws.cache_folders import cache_folders
from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.run_folder import atomic_path
from tfkws.speech.fetch.packages import Download, Package, download

Progress = Callable[[int, int], None]
_BLOCK_BYTES = 1 << 20
_ARCHIVES = "archives"


@dataclass(frozen=True)
class ModelFile:
    """A file: the members of packages, one after the other.

    Attributes:
        name: in the cache folder.
        parts: packages, and their members in order.
        size: bytes.
        sha256: hexadecimal.
    """

    name: str
    parts: tuple[tuple[Package, tuple[str, ...]], ...]
    size: int
    sha256: str


def find_model(file: ModelFile) -> Path | None:
    """Return where a file of a voice lies whole; None where it was not fetched."""
    paths = (folder / file.name for folder in cache_folders("voices"))
    return next((path for path in paths if path.is_file() and path.stat().st_size == file.size), None)


def model_path(file: ModelFile) -> Path:
    """Return where a file of a voice lies.

    Raises:
        RuntimeUnavailableError: it was not fetched.
    """
    if path := find_model(file):
        return path
    raise RuntimeUnavailableError(f"The voice's file {file.name} is not here; run `tfkws data voices --fetch`.")


def fetch_model(
    file: ModelFile, folder: Path | None = None, progress: Progress | None = None, get: Download = download
) -> Path:
    """Return the path of a file, fetched where it is missing.

    Args:
        folder: to keep it in; None for the first cache folder that can be written.
        progress: called with (parts there, parts in all).
        get: downloads one archive.

    Raises:
        RuntimeUnavailableError: there is no folder for it, or a client is missing.
        SynthesisError: a download failed, an archive is damaged, or the file is not what it should be.
    """
    if folder is None and (path := find_model(file)):
        return path
    folder = folder or next(cache_folders("voices"), None)
    if folder is None:
        raise RuntimeUnavailableError("No cache folder can be written; name one by the variable XDG_CACHE_HOME.")
    target = folder / file.name
    try:
        archives = list(_archives(file, folder / _ARCHIVES, progress, get))
        with atomic_path(target) as partial:
            found = _join(file, archives, partial)
            if found != file.sha256:
                _remove(archives)
                raise SynthesisError(
                    f"{file.name} has the SHA-256 {found[:12]}... in place of {file.sha256[:12]}...: what was "
                    "downloaded is damaged or another; it was removed, run the command again."
                )
    except OSError as error:
        where = error.filename or folder
        raise SynthesisError(
            f"{where} cannot be written ({error.strerror or error}); make room, and run it again."
        ) from None
    _remove(archives)
    return target


def _archives(file: ModelFile, folder: Path, progress: Progress | None, get: Download) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (package, _) in enumerate(file.parts):
        path = folder / package.archive
        if not path.is_file():
            get(package, path)
        if progress is not None:
            progress(number + 1, len(file.parts))
        yield path


def _join(file: ModelFile, archives: Sequence[Path], target: Path) -> str:
    """Write the members of all archives to `target`, never more than the file's size; return its SHA-256."""
    digest = hashlib.sha256()
    left = file.size
    with target.open("wb") as out:
        for (_, members), archive in zip(file.parts, archives, strict=True):
            for member in members:
                with _opened(archive, member) as stream:
                    while block := stream.read(min(_BLOCK_BYTES, left + 1)):
                        left -= len(block)
                        if left < 0:
                            return "0" * 64
                        digest.update(block)
                        out.write(block)
    return digest.hexdigest()


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Open a member for reading; nothing is unpacked by its own name.

    Raises:
        SynthesisError: the archive is damaged or lacks the member; it is removed.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive, "r:gz") as packed:
                found = packed.extractfile(member)
                if found is None:
                    raise KeyError(member)
                yield found
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError) as error:
        archive.unlink(missing_ok=True)
        raise SynthesisError(f"{archive} is damaged ({error}) and was removed; run the command again.") from None


def _remove(archives: Sequence[Path]) -> None:
    for archive in archives:
        archive.unlink(missing_ok=True)
    if archives:
        shutil.rmtree(archives[0].parent, ignore_errors=True) if not any(archives[0].parent.iterdir()) else None
