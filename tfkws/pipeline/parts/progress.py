"""How a long pipeline tells what it is doing; the command line shows it, tests and scripts may ignore it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Advance = Callable[[int, int, str], None]  # (steps done, steps in all, note)


class News(Protocol):
    """Receiver of progress."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def say(self, text: str) -> None:
        """One line of results."""

    def bar(self, title: str) -> AbstractContextManager[Advance]:
        """A progress bar for work that takes more than two seconds."""


class NoNews:
    """Shows nothing."""

    def stage(self, title: str) -> None:
        """Ignore."""

    def say(self, text: str) -> None:
        """Ignore."""

    def bar(self, title: str) -> AbstractContextManager[Advance]:
        """Ignore."""
        return nullcontext(lambda done, total, note: None)
