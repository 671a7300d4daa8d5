"""Clips to listen to: the originals bit by bit, and each epoch's own version of them."""

from pathlib import Path

import numpy as np
import soundfile

from tfkws.config import AugmentConfig, TaskConfig
from tfkws.data.clip_set import ClipSet
from tfkws.data.manifest import Manifest
from tfkws.data.prepare.audition import audition
from tfkws.data.task_data import TaskData

TASK = TaskConfig("commands", ("yes",))
LABELS = ("yes", "_unknown_")


def task_data(count: int) -> TaskData:
    audio = np.random.default_rng(0).normal(0, 2_000, (count, 16_000)).astype(np.int16)
    labels = np.arange(count) % 2
    files = tuple(f"{('yes', 'cat')[label]}/{number:08x}.wav" for number, label in enumerate(labels))
    training = ClipSet(audio, labels, files, files)
    return TaskData(LABELS, {"training": training}, (), (), Manifest(TASK, LABELS, {}, (), (), False), False)


def test_originals_are_training_clips_under_their_label(tmp_path: Path) -> None:
    data = task_data(6)
    written = audition(data, AugmentConfig(), tmp_path, clips=4, epochs=2)
    assert len(written) == 4 * 3 and set(written) == set(tmp_path.iterdir())
    training = data.splits["training"]
    rows = {training.audio[row].tobytes(): LABELS[label].strip("_") for row, label in enumerate(training.labels)}
    for number, path in enumerate(path for path in written if path.stem.endswith("original")):
        original = soundfile.read(path, dtype="int16")[0]
        assert path.name == f"{number:03d}-{rows[original.tobytes()]}-original.wav"


def test_epochs_differ_and_a_seed_repeats(tmp_path: Path) -> None:
    first = audition(task_data(3), AugmentConfig(), tmp_path / "first", clips=1, epochs=2, seed=5)
    again = audition(task_data(3), AugmentConfig(), tmp_path / "again", clips=1, epochs=2, seed=5)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert len({path.read_bytes() for path in first}) == 3


def test_augmentation_that_is_off_writes_the_clip_itself(tmp_path: Path) -> None:
    off = AugmentConfig(shift_ms=0, noise_probability=0, gain_db=0)
    original, epoch = audition(task_data(2), off, tmp_path, clips=1, epochs=1)
    assert original.read_bytes() == epoch.read_bytes()
