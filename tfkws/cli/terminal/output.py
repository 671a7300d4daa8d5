"""How commands print: tables and JSON on stdout, progress on stderr; all of it as plain text.

Nothing is read as markup, and control codes are written out (`tfkws.printable`), whoever a text came from. Commands
print by this module alone.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tfkws.printable import printable, printable_json

if TYPE_CHECKING:
    from rich.console import Console

    from tfkws.views.table import Table

FILE_WIDTH = 160  # characters


def print_json(value: Any) -> None:
    """Print `value` as JSON on stdout, for scripts.

    Raises:
        ValueError: a float in it is NaN or infinite, which JSON cannot hold.
    """
    sys.stdout.write(printable_json(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)) + "\n")


def print_json_line(value: Any) -> None:
    """Print `value` as one line of JSON on stdout, at once.

    Raises:
        ValueError: a float in it is NaN or infinite, which JSON cannot hold.
    """
    sys.stdout.write(printable_json(json.dumps(value, ensure_ascii=False, allow_nan=False)) + "\n")
    sys.stdout.flush()


def show(result: Any, parts: Iterable["Table | str"], as_json: bool) -> None:
    """Print a result on stdout: as JSON for scripts, or the tables and sentences that were made of it."""
    if as_json:
        print_json(result)
        return
    for part in parts:
        if isinstance(part, str):
            print_text(part)
        else:
            console = _stdout()
            table = part.fitted(console.width)
            console.print(table.to_terminal())
            print_text(table.note)


def print_text(text: str) -> None:
    """Print sentences on stdout, each of their lines as it is; nothing where there are none."""
    if text:
        sys.stdout.write(printable(text, keep="\n") + "\n")


def warn(text: str) -> None:
    """Print one unadorned line on stderr."""
    sys.stderr.write(f"{printable(text)}\n")


def _stdout() -> "Console":
    """A console as wide as the terminal; wide enough for any table where the output goes into a file."""
    return _console(width=None if sys.stdout.isatty() else FILE_WIDTH)


def stderr_console() -> "Console":
    """Return a console for progress."""
    return _console(stderr=True)


def _console(**settings: Any) -> "Console":
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, **settings)


def say(text: str) -> None:
    """Print one line of news on stderr, so that stdout stays clean for results."""
    stderr_console().print(printable(text, keep="\n"), soft_wrap=True)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Show a Rich progress display on stderr.

    Yields:
        The display; `add_task` and `update` are Rich's own.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    title = TextColumn("{task.description}", markup=False)
    note = TextColumn("{task.fields[note]}", markup=False)
    columns = (title, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), note)
    with Progress(*columns, console=stderr_console()) as progress:
        yield progress


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show `text` with a spinner on stderr while the block runs."""
    from rich.text import Text

    with stderr_console().status(Text(printable(text))):
        yield
