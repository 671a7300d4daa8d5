"""Answers to every clip as text short enough to publish, and the confusion counts that scores are computed from.

A record of a trained network keeps one character a clip; the true classes and speakers are kept once for each list of
clips. Any score, interval or comparison can then be computed again without the clips and without the network.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from tfkws.data.task_data import TaskData
from tfkws.run_folder import read_json, write_json
from tfkws.training.over_runs import counts_of_runs

DIGEST_LENGTH = 16  # characters of a manifest's digest that name its file


def as_text(classes: np.ndarray) -> str:
    """Class numbers, int (n,), each below 36, as one character each."""
    return "".join(np.base_repr(number, 36) for number in classes)


def as_classes(text: str) -> np.ndarray:
    """Undo `as_text`: int (n,)."""
    return np.array([int(character, 36) for character in text])


def write_clips(folder: Path, data: TaskData, splits: Sequence[str]) -> None:
    """Write the true classes and the speakers (numbered, not named) of each split, once for each list of clips."""
    for split in splits:
        path = _clips_path(folder, data.manifest.split_digests[split])
        if not path.exists():
            clips = data.splits[split]
            speakers = np.unique(np.asarray(clips.speakers), return_inverse=True)[1]
            write_json(path, {"classes": as_text(clips.labels), "speakers": " ".join(map(str, speakers))})


@lru_cache
def read_clips(folder: Path, digest: str) -> tuple[np.ndarray, np.ndarray]:
    """True classes and numbered speakers, int (n,) each, of the clips whose list has this digest."""
    clips = read_json(_clips_path(folder, digest))
    return as_classes(clips["classes"]), np.array(clips["speakers"].split(), int)


def confusion_counts(folder: Path, digests: Sequence[str], answers: Sequence[str], classes: int) -> np.ndarray:
    """Confusion matrices, int (runs, speakers, classes, classes), of `answers`, one text a run, to the same clips.

    Args:
        digests: of the list of clips that each run answered.

    Raises:
        ValueError: the runs answered different clips, so their scores cannot be averaged.
    """
    if len(set(digests)) != 1:
        raise ValueError(f"Scores of different clips cannot be averaged: {sorted(set(digests))}.")
    truth, speakers = read_clips(folder, digests[0])
    return counts_of_runs(truth, np.stack([as_classes(text) for text in answers]), speakers, classes)


def _clips_path(folder: Path, digest: str) -> Path:
    return folder / "clips" / f"{digest[:DIGEST_LENGTH]}.json"
