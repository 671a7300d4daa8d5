"""Every clip of a data folder, decoded once and then memory-mapped: int16 (clips, 16000).

The set lies in `<data folder>/.tfkws_cache`, or under `~/.cache/tfkws` when the data folder is read-only, in two
files named by the index key: the samples, and after them a table that says they are complete. A changed data folder
has another key, so a stale set is never used.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.data.audio.files import CLIP_SAMPLES, read_clip
from tfkws.data.clip_index import ClipIndex
from tfkws.errors import AudioError, RunFolderError
from tfkws.run_folder import atomic_path, read_json, write_json

FORMAT = 1  # to be raised when decoding changes
_CHUNK_CLIPS = 512
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DecodedSet:
    """The decoded clips of a folder.

    Attributes:
        audio: int16 (n, 16000), memory-mapped.
        files: the clips that could be decoded, one a row of `audio`.
        hashes: SHA-256 of each row's samples (little-endian int16), hexadecimal.
        skipped: (file, reason) of the clips that could not.
    """

    audio: np.ndarray
    files: tuple[str, ...]
    hashes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def open_decoded(index: ClipIndex, progress: Progress | None = None) -> DecodedSet:
    """Open the decoded clips of `index`, decoding them first if that was not done yet.

    Args:
        progress: called with (clips decoded, clips in all) while decoding.

    Raises:
        OSError: the disk is full, or no place can be written to.
    """
    folder = cache_folder(index.data_dir)
    samples, table = (folder / f"clips-{FORMAT}-{index.key}.{suffix}" for suffix in ("i16", "json"))
    if not (samples.is_file() and table.is_file()):
        _decode(index, samples, table, progress)
    try:
        return _open(samples, table)
    except (RunFolderError, KeyError, ValueError):  # damaged from outside: it can be made again
        _decode(index, samples, table, progress)
        return _open(samples, table)


def cache_folder(data_dir: Path) -> Path:
    """Return where decoded clips of `data_dir` are kept; the folder exists afterwards."""
    inside = data_dir / ".tfkws_cache"
    with contextlib.suppress(OSError):
        inside.mkdir(exist_ok=True)
    if os.access(inside, os.W_OK):
        return inside
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    outside = Path.home() / ".cache" / "tfkws" / "decoded" / name
    outside.mkdir(parents=True, exist_ok=True)
    return outside


def _decode(index: ClipIndex, samples: Path, table: Path, progress: Progress | None) -> None:
    files, hashes, skipped = [], [], []
    with atomic_path(samples) as partial, partial.open("wb") as out:
        # Plain writes, not a mapped file: on a full disk they raise an error, where a mapping kills the process.
        for done, (file, outcome) in enumerate(_read_all(index), start=1):
            if isinstance(outcome, AudioError):
                skipped.append((file, _reason(outcome, index.data_dir)))
            else:
                content = outcome.astype("<i2").tobytes()
                out.write(content)
                files.append(file)
                hashes.append(hashlib.sha256(content).hexdigest())
            if progress is not None and (done % _CHUNK_CLIPS == 0 or done == len(index.files)):
                progress(done, len(index.files))
    write_json(table, {"files": files, "hashes": hashes, "skipped": skipped})
    _remove_stale(samples, table)


def _read_all(index: ClipIndex) -> Iterator[tuple[str, np.ndarray | AudioError]]:
    for file in index.files:
        try:
            yield file, read_clip(index.path(file))
        except AudioError as error:
            yield file, error
        except (FileNotFoundError, PermissionError) as error:
            yield file, AudioError(f"{file} cannot be read ({error.strerror}).")


def _reason(error: AudioError, data_dir: Path) -> str:
    """Return the error's sentence without the folder, which is not the same on every machine."""
    return str(error).replace(f"{data_dir}{os.sep}", "")


def _open(samples: Path, table: Path) -> DecodedSet:
    values = read_json(table)
    files = tuple(values["files"])
    audio: np.ndarray = np.zeros((0, CLIP_SAMPLES), np.int16)
    if files:
        audio = np.memmap(samples, "<i2", "r", shape=(len(files), CLIP_SAMPLES))
    if samples.stat().st_size != audio.nbytes:
        raise ValueError(f"{samples} has {samples.stat().st_size} bytes where {audio.nbytes} are expected.")
    skipped = tuple((str(file), str(reason)) for file, reason in values["skipped"])
    return DecodedSet(audio, files, tuple(values["hashes"]), skipped)


def _remove_stale(samples: Path, table: Path) -> None:
    """Remove sets of earlier states of the data folder; a process that maps one keeps it until it ends."""
    for path in samples.parent.glob("clips-*"):
        if path not in (samples, table):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
