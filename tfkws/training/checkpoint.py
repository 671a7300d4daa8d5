"""The state of an unfinished training, written whole at epoch boundaries; a killed run goes on bit-identically."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config.strict import record
from tfkws.cpu_kernels import KernelsInUse
from tfkws.errors import RunFolderError
from tfkws.run_folder import atomic_path
from tfkws.strict_arrays import read_arrays
from tfkws.training.schedules import Plateau

CHECKPOINT = "checkpoint.npz"
MOST_ARRAY_BYTES = 1 << 32  # of one array; the largest networks here have 207 M parameters


@dataclass(frozen=True)
class EpochRow:
    """One row of history.csv.

    Attributes:
        epoch: number, from 0.
        iteration: steps done at its end.
        learning_rate: of its last step.
        loss: mean over its last batch, as `Learner.step` returns it; not a mean over the epoch.
        validation_loss: mean cross-entropy over all validation clips.
        validation_accuracy: share of the validation clips, 0 to 1.
        seconds: wall time, validation included.
    """

    epoch: int
    iteration: int
    learning_rate: float
    loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        iteration: optimiser steps done.
        plateau: state of the rate's reduction.
        history: one row an epoch.
        best_epoch, best_accuracy: on validation so far; -1 before the first epoch, else 0..1.
        best_weights: arrays of `model.get_weights()` at that epoch.
        kernels: that the training began with on the CPU; None where that is not known.
    """

    iteration: int = 0
    plateau: Plateau = field(default_factory=Plateau)
    history: list[EpochRow] = field(default_factory=list)
    best_epoch: int = -1
    best_accuracy: float = -1.0
    best_weights: list[np.ndarray] = field(default_factory=list)
    kernels: KernelsInUse | None = None


def save_checkpoint(folder: Path, progress: Progress, state: list[np.ndarray]) -> None:
    """Write `checkpoint.npz`; a reader sees the old one or the new one, never a part.

    Args:
        state: arrays of `Learner.state`, of any shape and dtype but object.

    Raises:
        ValueError: an array holds objects.
    """
    about = {
        "iteration": progress.iteration,
        "plateau": asdict(progress.plateau),
        "history": [asdict(row) for row in progress.history],
        "best_epoch": progress.best_epoch,
        "best_accuracy": progress.best_accuracy,
        "kernels": progress.kernels and asdict(progress.kernels),
    }
    arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
    arrays |= {f"state{i}": value for i, value in enumerate(state)}
    arrays |= {f"best{i}": value for i, value in enumerate(progress.best_weights)}
    packed = io.BytesIO()  # on a full disk, an archive that is written in place fails again when it is forgotten
    np.savez(packed, allow_pickle=False, **arrays)
    with atomic_path(folder / CHECKPOINT) as partial:
        partial.write_bytes(packed.getbuffer())


def load_checkpoint(folder: Path) -> tuple[Progress, list[np.ndarray]] | None:
    """Read what `save_checkpoint` wrote, or None where there is nothing.

    Returns:
        The progress, and the arrays of `Learner.state` with their shapes and dtypes.

    Raises:
        RunFolderError: it is damaged.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        arrays = read_arrays(path, MOST_ARRAY_BYTES)
        about = json.loads(arrays["about"].tobytes())
        state, best = _numbered(arrays, "state"), _numbered(arrays, "best")
        return _progress(about, best), state
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise damaged_checkpoint(folder, error) from error


def damaged_checkpoint(folder: Path, reason: object) -> RunFolderError:
    """Return the error of a checkpoint that cannot be gone on from."""
    return RunFolderError(
        f"{folder / CHECKPOINT} is damaged ({reason}); restore it from a copy, or move it away and train from the "
        "beginning."
    )


def _progress(about: dict[str, Any], best: list[np.ndarray]) -> Progress:
    """Build the progress; losses may be infinite, as before the first epoch.

    Raises:
        ValueError: a value is of another type, or negative where it counts.
    """
    history = [EpochRow(**row) for row in about["history"]]
    plateau = Plateau(**about["plateau"])
    epochs = [about["best_epoch"] + 1, plateau.epochs_without_gain]
    counts = [about["iteration"], *epochs, *(count for row in history for count in (row.epoch, row.iteration))]
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count is no whole number")
    numbers = [about["best_accuracy"], plateau.factor, plateau.best_loss]
    numbers += [number for row in history for number in asdict(row).values()]
    if not all(isinstance(number, int | float) for number in numbers):
        raise ValueError("a value is no number")
    kernels = about.get("kernels")  # older versions did not record them
    in_use = None if kernels is None else record(KernelsInUse, kernels)
    return Progress(about["iteration"], plateau, history, about["best_epoch"], about["best_accuracy"], best, in_use)


def kernels_of_checkpoint(folder: Path) -> KernelsInUse | None:
    """Return what an unfinished training began with; None where there is none, or it is not known.

    Raises:
        RunFolderError: the checkpoint is damaged.
    """
    found = load_checkpoint(folder)
    return None if found is None else found[0].kernels


def _numbered(arrays: Mapping[str, np.ndarray], prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(prefix) for name in arrays)
    return [arrays[f"{prefix}{i}"] for i in range(count)]
