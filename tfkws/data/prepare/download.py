"""Downloading Speech Commands: resumed after an interruption, verified by checksum, unpacked safely."""

import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from tfkws.data.prepare.archive import unpack
from tfkws.errors import DataError

_BLOCK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 30
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PublicArchive:
    """A public archive: its address, its SHA-256 (hexadecimal) and roughly its bytes when unpacked."""

    url: str
    sha256: str
    unpacked_bytes: int


# The checksums are those that torchaudio verifies (`torchaudio/datasets/speechcommands.py`); mlx-data has the same one
# for v0.02.
ARCHIVES: dict[str, PublicArchive] = {
    "v0.01": PublicArchive(
        "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.01.tar.gz",
        "743935421bb51cccdb6bdd152e04c5c70274e935c82119ad7faeec31780d811d",
        2_200_000_000,
    ),
    "v0.02": PublicArchive(
        "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        3_500_000_000,
    ),
}


def download_dataset(archive: PublicArchive, target: Path, progress: Progress | None = None) -> int:
    """Download an archive beside `target`, verify it, unpack it into `target`, and delete it.

    Interrupted, it goes on where it stopped: the download from the bytes that are there, the unpacking from
    the files.

    Args:
        progress: called with (stage, bytes done, bytes in all); stages are "download" and "unpack".

    Returns:
        The number of files unpacked.

    Raises:
        DataError: the server cannot be reached, the checksum is another one, or the archive is damaged.
    """
    target.mkdir(parents=True, exist_ok=True)
    path = target.parent / f"{target.name}.{archive.url.rsplit('/', 1)[-1]}"
    _fetch(archive, path, progress)
    digest = file_sha256(path)
    if digest != archive.sha256:
        path.unlink()
        raise DataError(
            f"{archive.url} has SHA-256 {digest[:16]}... where {archive.sha256[:16]}... is expected; "
            "the file was deleted, so run the same command again."
        )
    _check_space(archive, target)
    count = unpack(path, target, progress and (lambda done, total: progress("unpack", done, total)))
    path.unlink()
    return count


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(archive: PublicArchive, path: Path, progress: Progress | None) -> None:
    """Download to `path` by way of `path.part`, which the next run goes on with."""
    partial = path.with_name(f"{path.name}.part")
    if path.exists():
        return
    there = partial.stat().st_size if partial.exists() else 0
    try:
        with _open(archive.url, there) as response, partial.open("ab" if response.status == 206 else "wb") as out:
            done = there if response.status == 206 else 0
            total = done + int(response.headers.get("Content-Length", 0))
            while block := response.read(_BLOCK_BYTES):
                done += out.write(block)
                if progress is not None:
                    progress("download", done, total)
        if total and done < total:
            raise DataError(f"The connection to {archive.url} broke off; run the same command again to go on.")
    except urllib.error.HTTPError as error:
        if error.code != 416 or there == 0:  # 416: the partial file is whole already
            raise DataError(f"{archive.url} answers {error.code} {error.reason}; try again later.") from None
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise DataError(
            f"{archive.url} cannot be downloaded ({error}); check the network and run the same command again to go on."
        ) from None
    partial.replace(path)


def _open(url: str, first_byte: int) -> HTTPResponse:
    headers = {"Range": f"bytes={first_byte}-"} if first_byte else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the addresses are constants of this module
    response: HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    return response


def _check_space(archive: PublicArchive, target: Path) -> None:
    free = shutil.disk_usage(target).free
    if free < archive.unpacked_bytes:
        raise DataError(
            f"{target} has {free / 1e9:.1f} GB free and unpacking takes {archive.unpacked_bytes / 1e9:.1f} GB; "
            "free some space and run the same command again, the download is kept."
        )
