"""Files that are written whole or not at all, and folders that hold one run each.

A run lives in `artifacts/<kind>/<run id>/`; every stage writes its results as files there, so that each
stage can be run again alone.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tfkws.errors import RunFolderError
from tfkws.partial_files import partial_file, remove_leftovers
from tfkws.strict_json import MAX_BYTES, parse_json


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, renamed to it on success and removed on any failure.

    The content is forced to disk before.

    Yields:
        The temporary path, of an empty file.
    """
    with atomic_paths([path]) as (partial,):
        yield partial


@contextmanager
def atomic_paths(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Give a temporary path beside each of `paths`; all are renamed to them on success and none on any failure.

    The first is the record of the others: it is removed before they are renamed, and renamed last. So where it lies,
    the others are those that it tells of, even if the machine stops in between. Of the others, one of which nothing was
    written is removed, with whatever lay there. What a killed process left of the same files is removed, too.

    Yields:
        The temporary paths, of empty files.

    Raises:
        OSError: as the system raises it, with the path that was to be written in place of the temporary one.
    """
    partials: list[Path] = []
    with ExitStack() as stack:
        try:
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True)
                remove_leftovers(path.parent, path.name)
                partials.append(stack.enter_context(partial_file(path, path.suffix)))
            yield partials
            for partial in partials:
                _flush_to_disk(partial)
            _rename(partials, paths)
        except OSError as error:
            unnamed = error.filename is None and error.errno is not None
            if partials and (unnamed or Path(str(error.filename)) in partials):
                error.filename = str(paths[_index_of(error.filename, partials)])
            raise


def _rename(partials: Sequence[Path], paths: Sequence[Path]) -> None:
    if len(paths) > 1:
        paths[0].unlink(missing_ok=True)
    for partial, path in [*zip(partials[1:], paths[1:], strict=True), (partials[0], paths[0])]:
        if len(paths) > 1 and not partial.stat().st_size:
            path.unlink(missing_ok=True)
        else:
            partial.replace(path)


def _index_of(name: object, partials: Sequence[Path]) -> int:
    """Which of the files an error names; the last one that holds something where it names none."""
    if name is not None:
        return partials.index(Path(str(name)))
    written = [index for index, partial in enumerate(partials) if partial.exists() and partial.stat().st_size]
    return written[-1] if written else 0


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a hidden path beside `path`, renamed to it on success and removed on any failure.

    Unlike `atomic_path` it does not force the content to disk: a data set can be written again.

    Yields:
        The hidden path.
    """
    with _hidden(path) as partial:
        yield partial
        partial.replace(path)


def write_new(path: Path, write: Callable[[Path], None]) -> bool:
    """Write a file that is not there yet, whole; return False where another process was faster, whose file stays.

    Args:
        write: called with a hidden path beside `path`.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    with _hidden(path) as partial:
        write(partial)
        try:
            os.link(partial, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if path.exists():
                return False
            partial.replace(path)
        return True


@contextmanager
def _hidden(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial_file(path) as partial:
        try:
            yield partial
        except OSError as error:
            if error.filename in (None, str(partial)):
                error.filename = str(path)  # the name that people know
            raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes to `path` so that a reader sees the old file or the new one, never a part.

    Raises:
        OSError: the folder cannot be written, or the disk is full; the old file stays.
    """
    with atomic_path(path) as partial:
        partial.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to `path`, whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON to `path`, whole or not at all.

    Raises:
        ValueError: a float in it is NaN or infinite.
        TypeError: a value is not JSON-ready.
    """
    write_text(path, to_json(value))


def to_json(value: Any) -> str:
    """Return `value` as the text of a JSON file, indented.

    Raises:
        ValueError: a float in it is NaN or infinite.
        TypeError: a value is not JSON-ready.
    """
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path) -> Any:
    """Read JSON from `path`, in UTF-8 and within the bounds of `tfkws.strict_json`.

    Raises:
        RunFolderError: the file is missing, no ordinary file, or no such JSON.
    """
    if not path.exists():
        raise RunFolderError(f"{path} does not exist; run the stage that writes it first.")
    if not path.is_file():
        raise RunFolderError(f"{path} is no file; give a result that a command of tfkws wrote.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it is longer than {MAX_BYTES} bytes")
        return parse_json(path.read_bytes())
    except ValueError as error:
        raise RunFolderError(
            f"{path} is not valid JSON ({error}); give another file, or restore it from a copy."
        ) from None


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON object from `path`.

    Raises:
        RunFolderError: the file is missing, or holds something else.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise RunFolderError(f"{path} holds no record that a command of tfkws wrote; give another file.")
    return value


def append_jsonl(path: Path, record: Any) -> None:
    """Append one JSON record and a newline to `path` and force it to disk before returning.

    Raises:
        ValueError: a float in it is NaN or infinite.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
    with path.open("ab") as file:
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
