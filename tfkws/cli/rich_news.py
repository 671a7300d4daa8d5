"""Progress of a pipeline on the terminal: numbered stages, one bar at a time, on stderr."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfkws.cli.output import progress_bar, say

if TYPE_CHECKING:
    from tfkws.pipeline.news import Advance


class RichNews:
    """Implements `tfkws.pipeline.news.News`."""

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
        """Show a bar that vanishes when the work is done."""
        with progress_bar() as display:
            task = display.add_task(title, total=None, note="")

            def advance(done: int, total: int, note: str) -> None:
                display.update(task, completed=done, total=total, note=note)

            yield advance
