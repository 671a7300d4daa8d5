"""Progress on the terminal, on stderr: numbered stages with one bar at a time, or a table that is kept up to date."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tfkws.cli.terminal.output import progress_bar, say

if TYPE_CHECKING:
    from tfkws.pipeline.parts.progress import Advance
    from tfkws.views.table import Table


class RichNews:
    """Implements `tfkws.pipeline.parts.progress.News`."""

    def __init__(self) -> None:
        self._stage, self._start = 0, time.monotonic()

    def stage(self, title: str) -> None:
        """Print the stage's number, title, and the time since the beginning."""
        self._stage += 1
        say(f"[{time.monotonic() - self._start:5.0f} s] {self._stage}. {title}")

    def say(self, text: str) -> None:
        """Print one line of results under the stage."""
        say(f"          {text}")

    @contextmanager
    def bar(self, title: str) -> Iterator["Advance"]:
        """Show a bar from the first step on; work that is done already shows none."""
        with ExitStack() as stack:
            shown: list[tuple[Any, Any]] = []

            def advance(done: int, total: int, note: str) -> None:
                if not shown:
                    display = stack.enter_context(progress_bar())
                    shown.append((display, display.add_task(title, total=total, note="")))
                display, task = shown[0]
                display.update(task, completed=done, total=total, note=note)

            yield advance


@contextmanager
def live_table(make_table: "Callable[[Any], Table]") -> Iterator[Callable[[Any], None]]:
    """Show a table of a changing state; yields what to call with each new state."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda state: live.update(make_table(state).to_terminal(), refresh=True)
