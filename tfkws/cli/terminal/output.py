"""How commands print: tables and JSON on stdout, progress on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfkws.views.table import Table

FILE_WIDTH = 160  # characters


def print_json(value: Any) -> None:
    """Print `value` as JSON on stdout, for scripts.

    Raises:
        ValueError: a float in it is NaN or infinite, which JSON cannot hold.
    """
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def show(result: Any, parts: Iterable["Table | str"], as_json: bool) -> None:
    """Print a result on stdout: as JSON for scripts, or the tables and sentences that were made of it."""
    if as_json:
        print_json(result)
        return
    for part in parts:
        if isinstance(part, str):
            _print_text(part)
        else:
            _stdout().print(part.to_terminal())
            _print_text(part.note)


def _print_text(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")


def _stdout() -> Any:
    """A console as wide as the terminal; wide enough for any table where the output goes into a file."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else FILE_WIDTH)


def say(text: str) -> None:
    """Print one line of news on stderr, so that stdout stays clean for results."""
    from rich.console import Console

    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(text)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Show a Rich progress display on stderr.

    Yields:
        The display; `add_task` and `update` are Rich's own.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True)) as progress:
        yield progress


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show `text` with a spinner on stderr while the block runs."""
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
