"""A checkpoint gives back what was saved, bit by bit, and is never half written."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import RunFolderError
from tfkws.training.checkpoint import CHECKPOINT, EpochRow, Progress, load_checkpoint, save_checkpoint
from tfkws.training.schedules import Plateau

ROWS = [EpochRow(1, 8, 1e-3, 0.7, 0.65, 0.5, 1.25), EpochRow(2, 16, 1e-3 / 3, 0.1 + 0.2, 0.4, 0.9, 1.5)]


def arrays(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(count)
    return [rng.normal(size=(number + 1, 2)).astype(np.float32) for number in range(count)]


def test_everything_comes_back_bit_by_bit(tmp_path: Path) -> None:
    state = [*arrays(12), np.array(7, np.int64), np.array([1, 2], np.uint32)]  # more than ten: numbers, not text, order
    progress = Progress(16, Plateau(0.5, 0.4, 3), ROWS, 1, 0.9, arrays(11))
    save_checkpoint(tmp_path, progress, state)
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None
    again, state_again = loaded
    assert (again.iteration, again.plateau, again.history) == (16, progress.plateau, ROWS)
    assert (again.best_epoch, again.best_accuracy) == (1, 0.9)
    for before, after in ((state, state_again), (progress.best_weights, again.best_weights)):
        assert [value.dtype for value in after] == [value.dtype for value in before]
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(other, one)


def test_a_training_that_has_not_begun_is_kept_too(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, Progress(), [])
    loaded = load_checkpoint(tmp_path)
    assert loaded == (Progress(), [])
    assert loaded[0].plateau.best_loss == math.inf


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None


def test_a_failed_write_keeps_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path, Progress(iteration=8), arrays(1))

    def full_disk(handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(tmp_path, Progress(iteration=16), arrays(1))
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None and loaded[0].iteration == 8
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def rewritten(folder: Path, **members: np.ndarray) -> None:
    """Write a checkpoint, and other members in the place of its own."""
    save_checkpoint(folder, Progress(16, Plateau(0.5, 0.4, 3), ROWS, 1, 0.9, arrays(1)), arrays(2))
    with np.load(folder / CHECKPOINT) as there:
        np.savez(folder / "other.npz", **({name: there[name] for name in there.files} | members))
    (folder / "other.npz").rename(folder / CHECKPOINT)


@pytest.mark.parametrize(
    "about",
    [
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"iteration": -1, "plateau": {}, "history": [], "best_epoch": -1, "best_accuracy": -1}',
        b'{"iteration": 1, "plateau": {"factor": "x"}, "history": [], "best_epoch": -1, "best_accuracy": -1}',
        b'{"iteration": 1, "plateau": {}, "history": [{"epoch": 1}], "best_epoch": -1, "best_accuracy": -1}',
    ],
)
def test_a_damaged_checkpoint_is_one_sentence(about: bytes, tmp_path: Path) -> None:
    rewritten(tmp_path, about=np.frombuffer(about, np.uint8))
    with pytest.raises(RunFolderError, match=r"checkpoint\.npz is damaged .*; restore it from a copy, or move it away"):
        load_checkpoint(tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"PK\3\4 cut short")
    with pytest.raises(RunFolderError, match="is damaged"):
        load_checkpoint(tmp_path)
