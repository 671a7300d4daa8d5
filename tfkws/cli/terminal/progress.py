"""Progress on the terminal, on stderr: numbered parts with one bar at a time, or a table that is kept up to date."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tfkws.cli.terminal.output import progress_bar, say, stderr_console
from tfkws.pipeline.parts.progress import Advance, StageProgress
from tfkws.printable import printable
from tfkws.views.table import Table


class TerminalProgress(StageProgress):
    """Prints parts and lines, and shows bars by Rich.

    Args:
        numbered: whether parts are numbered and lines stand indented under them; for stages of several parts.
    """

    def __init__(self, numbered: bool = True) -> None:
        self._indent = " " * 10 if numbered else ""
        self._part = 0
        self._start = time.monotonic()

    def stage(self, title: str) -> None:
        """Print the part's number, title, and the time since the beginning."""
        self._part += 1
        say(f"[{time.monotonic() - self._start:5.0f} s] {self._part}. {title}")

    def say(self, text: str) -> None:
        """Print one line of results under the part."""
        say(f"{self._indent}{text}")

    @contextmanager
    def bar(self, title: str) -> Iterator[Advance]:
        """Show a bar from the first step on; work that is done already shows none.

        Yields:
            A function of steps done, steps in all (both int) and a note.
        """
        with ExitStack() as stack:
            shown: list[tuple[Any, Any]] = []

            def advance(done: int, total: int, note: str) -> None:
                if not shown:
                    display = stack.enter_context(progress_bar())
                    shown.append((display, display.add_task(printable(title), total=total, note="")))
                display, task = shown[0]
                display.update(task, completed=done, total=total, note=printable(note))

            yield advance


@contextmanager
def live_table(make_table: Callable[[Any], Table], make_line: Callable[[Any], str]) -> Iterator[Callable[[Any], None]]:
    """Show a table of a changing state while it changes; where stderr is no terminal, a line whenever it says more.

    Yields:
        What to call with each new state.
    """
    from rich.live import Live

    console = stderr_console()
    if not console.is_terminal:
        said = [""]

        def tell(state: Any) -> None:
            line = make_line(state)
            if line != said[-1]:
                said[:] = [line]
                say(line)

        yield tell
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop", transient=True) as live:
        yield lambda state: live.update(make_table(state).to_terminal(), refresh=True)
