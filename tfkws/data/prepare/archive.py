"""Unpacking a `.tar.gz` that came from elsewhere: nothing outside the target is ever written."""

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from tfkws.errors import DataError
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import whole_file

_BLOCK_BYTES = 1 << 20


def unpack(archive: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> int:
    """Unpack regular files of a gzipped tar into `target`; those of the right size are left alone.

    Only plain files and folders are accepted: a link, a device, or a path that leads outside is a reason to
    refuse the whole archive, since no data set has one. It is read to its end, where gzip's checksum is
    verified.

    Args:
        progress: called with (bytes read of the archive, its size).

    Returns:
        The number of files in the archive.

    Raises:
        DataError: the archive is damaged, or holds what a data set would not.
    """
    count, total = 0, archive.stat().st_size
    for folder in (target, *target.glob("*/")):
        remove_leftovers(folder)
    try:
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as plain:
            for member, tar in _members(plain):
                path = _safe_path(target, member, archive)
                if member.isfile():
                    _write(tar, member, path)
                    count += 1
                if progress is not None:
                    progress(raw.tell(), total)
            while plain.read(_BLOCK_BYTES):
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{archive} is damaged ({error}); delete it and download it again.") from None
    if count == 0:
        raise DataError(f"{archive} holds no files; delete it and download it again.")
    return count


def _members(plain: gzip.GzipFile) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    with tarfile.open(fileobj=plain, mode="r|") as tar:
        for member in tar:
            yield member, tar


def _safe_path(target: Path, member: tarfile.TarInfo, archive: Path) -> Path:
    name = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()):
        raise DataError(f"{archive} holds {member.name}, which is neither a file nor a folder; it was not unpacked.")
    outside = name.is_absolute() or ".." in name.parts or "\\" in member.name or ":" in member.name
    path = target.joinpath(*name.parts)
    # Resolving catches a folder of the target that is itself a link to elsewhere.
    if outside or not path.resolve().is_relative_to(target.resolve()):
        raise DataError(f"{archive} holds {member.name}, which leads outside the target folder; it was not unpacked.")
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if path.is_file() and path.stat().st_size == member.size:
        return
    content = tar.extractfile(member)
    if content is None:
        raise DataError(f"{member.name} cannot be read from the archive; delete it and download it again.")
    with whole_file(path) as partial, partial.open("wb") as out:
        shutil.copyfileobj(content, out)
