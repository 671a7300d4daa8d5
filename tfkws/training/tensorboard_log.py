"""Epochs as TensorBoard scalars, on request; written by the tensorboard package alone, so that any backend will do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tfkws.training.checkpoint import EpochRow

SCALARS = ("loss", "validation_loss", "validation_accuracy", "learning_rate")


@contextmanager
def tensorboard_log(folder: Path) -> Iterator[Callable[[EpochRow], None]]:
    """Yield what to call after each epoch; the events of one training go to `folder`, by iteration."""
    from tensorboard.summary import Writer

    writer = Writer(str(folder))

    def write(row: EpochRow) -> None:
        for name in SCALARS:
            writer.add_scalar(name, getattr(row, name), row.iteration)
        writer.flush()

    try:
        yield write
    finally:
        writer.close()
