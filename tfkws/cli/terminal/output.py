"""How commands print: tables and JSON on stdout, progress on stderr; all of it as plain text.

Nothing is read as markup, and control codes are written out (`tfkws.printable`), whoever a text came from. Commands
print by this module alone.
"""

import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tfkws.cli.terminal.streams import holds_unicode, silence_stderr, write_err, write_out
from tfkws.printable import printable, printable_json

if TYPE_CHECKING:
    from rich.console import Console

    from tfkws.views.table import Table

FILE_WIDTH = 160  # characters
NARROW = 60  # characters, below which a table that does not fit is shown as lines
PLAIN: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}


def print_json(value: Any) -> None:
    """Print `value` as JSON on stdout, for scripts.

    Raises:
        ValueError: a float in it is NaN or infinite, which JSON cannot hold.
    """
    write_out(_json(value, indent=2))


def print_json_line(value: Any) -> None:
    """Print `value` as one line of JSON on stdout, at once.

    Raises:
        ValueError: a float in it is NaN or infinite, which JSON cannot hold.
    """
    write_out(_json(value))


def _json(value: Any, indent: int | None = None) -> str:
    """The value as JSON; in ASCII where the output holds no other characters, so that none is replaced."""
    ascii_only = not holds_unicode(sys.stdout)
    return printable_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)) + "\n"


def show(result: Any, parts: Iterable["Table | str"], as_json: bool) -> None:
    """Print a result on stdout: as JSON for scripts, or the tables and sentences that were made of it."""
    if as_json:
        print_json(result)
        return
    for part in parts:
        if isinstance(part, str):
            print_text(part)
        else:
            print_table(part)


def print_table(table: "Table") -> None:
    """Print a table and its note on stdout: as wide as the terminal, or as it takes where the output is a file."""
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    drawn = io.StringIO()
    console = Console(
        file=drawn, width=None if is_terminal else FILE_WIDTH, force_terminal=is_terminal or None, **PLAIN
    )
    fitted = table.fitted(console.width)
    if is_terminal and console.width < NARROW and not fitted.fits(console.width):
        print_text(fitted.to_lines())
    else:
        console.print(fitted.to_terminal())
        write_out(drawn.getvalue())
    print_text(fitted.note)


def print_text(text: str) -> None:
    """Print sentences on stdout, each of their lines as it is; nothing where there are none."""
    if text:
        write_out(printable(text, keep="\n") + "\n")


def warn(text: str) -> None:
    """Print one unadorned line on stderr."""
    write_err(f"{printable(text)}\n")


def stderr_console() -> "Console":
    """Return a console for progress; a terminal only where stderr is one, whatever FORCE_COLOR says of colours.

    Where stderr can no longer be written, the work goes on without.
    """
    from rich.console import Console

    class Progress(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            silence_stderr()

    return Progress(stderr=True, force_terminal=sys.stderr.isatty(), **PLAIN)


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
