"""Whether results can be kept, asked before they are made; and results that were made and could not be kept."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfkws.errors import RunFolderError


class NotKeptError(RunFolderError):
    """A result was computed and its files could not be written.

    Attributes:
        result: what would have been returned.
    """

    def __init__(self, result: Any, reason: OSError) -> None:
        where = f" ({reason.filename})" if reason.filename else ""
        super().__init__(
            f"The result stands above and in no file: {reason.strerror or reason}{where}; make room or change who may "
            "write there, and run the same command again to keep it."
        )
        self.result = result


def check_output_folder(folder: Path, option: str = "--out") -> None:
    """Check that files can be written into a folder, which need not be there yet; nothing is written.

    Args:
        option: by which the folder was given; empty where it is the model's own.

    Raises:
        RunFolderError: it is a file, a link to nothing, or cannot be written.
    """
    name = f"{option}, {folder}," if option else f"{folder}"
    for part in (folder, *folder.absolute().parents):
        if part.is_symlink() and not part.exists():
            raise RunFolderError(f"{name} leads over a link to nothing: {part}; give a folder.")
        if part.exists() and not part.is_dir():
            raise RunFolderError(f"{option} is a file: {part}; give a folder." if option else f"{part} is a file.")
        if part.exists():
            break
    if not os.access(part, os.W_OK | os.X_OK):
        mend = f"choose another {option}, or change" if option else "copy the model elsewhere, or change"
        raise RunFolderError(f"{name} cannot be written; {mend} who may write to {part}.")


def keep(result: Any, write: Callable[[], None]) -> None:
    """Write the files of a result.

    Raises:
        NotKeptError: with the result, where they cannot be written.
    """
    try:
        write()
    except OSError as error:
        raise NotKeptError(result, error) from error


@contextmanager
def shown_all_the_same(show: Callable[[Any], None]) -> Iterator[None]:
    """Show the result of the block even where it could not be kept.

    Raises:
        NotKeptError: that of the block, after `show` has shown its result.
    """
    try:
        yield
    except NotKeptError as error:
        show(error.result)
        raise
