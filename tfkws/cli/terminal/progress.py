"""Progress of a pipeline on the terminal: numbered stages, one bar at a time, on stderr."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tfkws.cli.terminal.output import progress_bar, say

if TYPE_CHECKING:
    from tfkws.pipeline.parts.progress import Advance


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
