"""Every clip of a data folder, decoded once and then memory-mapped: int16 (clips, 16000).

The set lies in `<data folder>/.tfkws_cache`, or in a cache folder of the user when the data folder cannot be written,
in two files named by the index key: the samples, and after them a table that says they are complete. A changed data
folder has another key, so a stale set is never used. Where nothing can be written, the set stays in memory.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfkws.cache_folders import cache_folders, can_write
from tfkws.data.audio.files import CLIP_SAMPLES, read_clip, says_synthetic
from tfkws.data.clip_index import ClipIndex
from tfkws.errors import AudioError, RunFolderError
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import atomic_path, read_json, write_json

FORMAT = 2  # to be raised when decoding changes
_CHUNK_CLIPS = 512
_DAMAGED = (RunFolderError, KeyError, ValueError, TypeError)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DecodedSet:
    """The decoded clips of a folder.

    Attributes:
        audio: int16 (n, 16000), memory-mapped.
        files: the clips that could be decoded, one a row of `audio`.
        hashes: SHA-256 of each row's samples (little-endian int16), hexadecimal.
        skipped: (file, reason) of the clips that could not.
        synthetic: those of `files` whose speech is synthetic.
    """

    audio: np.ndarray
    files: tuple[str, ...]
    hashes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    synthetic: frozenset[str]


def open_decoded(index: ClipIndex, progress: Progress | None = None) -> DecodedSet:
    """Open the decoded clips of `index`, decoding them first if that was not done yet.

    A cache that cannot be written is no error: the next place is tried, and memory at last.

    Args:
        progress: called with (clips decoded, clips in all) while decoding.
    """
    found = _open_anywhere(index, progress)
    return replace(found, synthetic=frozenset(found.files)) if index.is_synthetic else found


def _open_anywhere(index: ClipIndex, progress: Progress | None) -> DecodedSet:
    for folder in _places(index.data_dir):
        with suppress(OSError, *_DAMAGED):
            return _open_or_decode(index, folder, progress)
    return _in_memory(index, progress)


def cache_folder(data_dir: Path) -> Path | None:
    """Return where decoded clips of `data_dir` are kept, a folder that exists; None where there is no such place."""
    return next(_places(data_dir), None)


def _places(data_dir: Path) -> Iterator[Path]:
    inside = data_dir / ".tfkws_cache"
    if can_write(inside):
        yield inside
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    yield from cache_folders("decoded", name)


def _open_or_decode(index: ClipIndex, folder: Path, progress: Progress | None) -> DecodedSet:
    samples, table = (folder / f"clips-{FORMAT}-{index.key}.{suffix}" for suffix in ("i16", "json"))
    remove_leftovers(folder)
    if samples.is_file() and table.is_file():
        with suppress(FileNotFoundError, *_DAMAGED):  # damaged from outside, or removed: it can be made again
            return _open(samples, table)
    _decode(index, samples, table, progress)
    return _open(samples, table)


def _decode(index: ClipIndex, samples: Path, table: Path, progress: Progress | None) -> None:
    hashes, skipped = {}, []
    with atomic_path(samples) as partial, partial.open("wb") as out:
        # Plain writes, not a mapped file: on a full disk they raise an error, where a mapping kills the process.
        for file, outcome in _read_all(index, progress):
            if isinstance(outcome, str):
                skipped.append((file, outcome))
            else:
                content = _content(outcome)
                out.write(content)
                hashes[file] = hashlib.sha256(content).hexdigest()
    try:
        synthetic = sorted(_synthetic(index, hashes))
        values = {"files": [*hashes], "hashes": [*hashes.values()], "skipped": skipped, "synthetic": synthetic}
        write_json(table, values)
    except OSError:
        samples.unlink(missing_ok=True)  # nobody would ever use them
        raise
    _remove_stale(samples, table)


def _in_memory(index: ClipIndex, progress: Progress | None) -> DecodedSet:
    clips, skipped = {}, []
    for file, outcome in _read_all(index, progress):
        if isinstance(outcome, str):
            skipped.append((file, outcome))
        else:
            clips[file] = outcome
    audio = np.stack([*clips.values()]) if clips else np.zeros((0, CLIP_SAMPLES), np.int16)
    hashes = tuple(hashlib.sha256(_content(clip)).hexdigest() for clip in clips.values())
    return DecodedSet(audio, tuple(clips), hashes, tuple(skipped), _synthetic(index, clips))


def _synthetic(index: ClipIndex, files: Iterable[str]) -> frozenset[str]:
    """Return the clips that say themselves that a synthesiser made them."""
    return frozenset(file for file in files if says_synthetic(index.path(file)))


def _content(clip: np.ndarray) -> bytes:
    return clip.astype("<i2").tobytes()


def _read_all(index: ClipIndex, progress: Progress | None) -> Iterator[tuple[str, np.ndarray | str]]:
    """Yield each clip's file with its samples, or with the reason why it has none."""
    for done, file in enumerate(index.files, start=1):
        try:
            yield file, read_clip(index.path(file))
        except AudioError as error:  # one that vanished meanwhile is one of them
            yield file, _reason(error, index.data_dir)
        if progress is not None and (done % _CHUNK_CLIPS == 0 or done == len(index.files)):
            progress(done, len(index.files))


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
    return DecodedSet(audio, files, tuple(values["hashes"]), skipped, frozenset(values["synthetic"]))


def _remove_stale(samples: Path, table: Path) -> None:
    """Remove sets of earlier states of the data folder; a process that maps one keeps it until it ends."""
    earlier = samples.parent.glob(".clips-*")  # how files that are not whole yet were named once
    for path in (*samples.parent.glob("clips-*"), *earlier):
        if path not in (samples, table):
            with suppress(OSError):
                path.unlink(missing_ok=True)
