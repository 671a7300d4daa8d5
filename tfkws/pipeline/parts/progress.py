"""How a long stage reports what it is doing; the command line shows it, tests and scripts may ignore it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from tfkws.units import format_percent

Advance = Callable[[int, int, str], None]  # (steps done, steps in all, note)
Progress = Callable[[float, float], None]  # (hours done, hours in all)


class Epoch(Protocol):
    """What is shown of a training's epoch."""

    @property
    def validation_accuracy(self) -> float:
        """Share of right answers on the validation split, 0..1."""


class TrainingBar:
    """A bar over the steps of one training, with the latest validation accuracy beside it."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._note = ""

    def iteration(self, done: int, total: int, loss: float) -> None:
        """Move the bar; to be called after each optimiser step.

        Args:
            done, total: steps, int.
            loss: of the step's batch; not shown.
        """
        self._advance(done, total, self._note)

    def epoch(self, row: Epoch) -> None:
        """Keep the validation accuracy, 0..1, to be shown; to be called after each validation."""
        self._note = f"validation {format_percent(row.validation_accuracy)}"


class StageProgress:
    """Receiver of progress that shows nothing; subclasses override what they show."""

    def stage(self, title: str) -> None:
        """Receive the title of a stage that begins."""

    def say(self, text: str) -> None:
        """Receive one line of results."""

    def bar(self, title: str) -> AbstractContextManager[Advance]:
        """Return a progress bar for work that takes more than two seconds."""
        return nullcontext(lambda done, total, note: None)

    @contextmanager
    def training(self, title: str) -> Iterator[TrainingBar]:
        """Show one training on a bar.

        Yields:
            The bar, to be moved by its `iteration` and `epoch`.
        """
        with self.bar(title) as advance:
            yield TrainingBar(advance)


SILENT = StageProgress()


def silent(done: float, total: float) -> None:
    """Ignore how far it is."""


def part_of_hours(progress: Progress, before: float, total: float) -> Callable[[float], None]:
    """Return what a part of a long work calls with the seconds it has done.

    Args:
        progress: is called with (hours done, hours in all).
        before: hours done when the part begins.

    Example:
        >>> part_of_hours(lambda done, total: print(done, "of", total), before=2.0, total=3.0)(1800)
        2.5 of 3.0
    """
    return lambda seconds: progress(min(total, before + seconds / 3600), total)
