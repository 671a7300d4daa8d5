"""Answers of trained networks to every clip, as text short enough to publish, and the scores computed from them.

A record of a trained network keeps one character a clip; the true classes and speakers are kept once for each list of
clips. Any score, interval or comparison can then be computed again without the clips and without the network.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.over_runs import counts_of_runs
from tfkws.data.task_data import TaskData
from tfkws.pipeline.parts.detector import Detector
from tfkws.run_folder import read_json, write_json

SPLITS = ("validation", "testing")
DIGEST_LENGTH = 16  # characters of a manifest's digest that name its file


def as_text(classes: np.ndarray) -> str:
    """Return class numbers, int (n,), each 0..35, as one character each.

    >>> as_text(np.array([0, 3, 10]))
    '03A'
    """
    return "".join(np.base_repr(number, 36) for number in classes)


def as_classes(text: str) -> np.ndarray:
    """Undo `as_text`: int (n,).

    >>> as_classes("03A").tolist()
    [0, 3, 10]
    """
    return np.array([int(character, 36) for character in text])


def answers_of(detector: Detector, data: TaskData) -> dict[str, str]:
    """Return the top answer to every clip of both splits, as text by split."""
    return {split: as_text(detector.answer(data.splits[split]).argmax(axis=1)) for split in SPLITS}


def digests_of(data: TaskData) -> dict[str, str]:
    """Return the digest of the list of clips of both splits, by split."""
    return {split: data.manifest.split_digests[split] for split in SPLITS}


def write_clips(folder: Path, data: TaskData) -> None:
    """Write the true classes and the speakers (numbered, not named) of both splits, once for each list of clips."""
    for split, digest in digests_of(data).items():
        path = _clips_path(folder, digest)
        if not path.exists():
            clips = data.splits[split]
            speakers = np.unique(np.asarray(clips.speakers), return_inverse=True)[1]
            write_json(path, {"classes": as_text(clips.labels), "speakers": " ".join(map(str, speakers))})


@lru_cache
def read_clips(folder: Path, digest: str) -> tuple[np.ndarray, np.ndarray]:
    """Return true classes and numbered speakers, int (n,) each, of the clips whose list has this digest."""
    clips = read_json(_clips_path(folder, digest))
    return as_classes(clips["classes"]), np.array(clips["speakers"].split(), int)


def counts_of(records: Sequence[Mapping[str, Any]], split: str, folder: Path, form: str = "") -> np.ndarray:
    """Return confusion matrices, int (records, speakers, classes, classes), of the records' answers to a split.

    Args:
        records: trainings of one network; all must have answered the same clips.
        folder: of the page, which holds the clips.
        form: "keras" or "int8", where a record holds the answers of both.

    Raises:
        ValueError: the records answered different clips.
    """
    answers = [record["answers"][split] for record in records]
    texts = [answer[form] for answer in answers] if form else answers
    first = records[0]
    labels = first["labels"] if "labels" in first else first["run"]["labels"]
    return confusion_counts(folder, [record["manifest"][split] for record in records], texts, len(labels))


def confusion_counts(folder: Path, digests: Sequence[str], answers: Sequence[str], classes: int) -> np.ndarray:
    """Return confusion matrices, int (runs, speakers, classes, classes), of answers to the same clips.

    Args:
        digests: of the list of clips that each run answered.
        answers: one text a run.

    Raises:
        ValueError: the runs answered different clips, so their scores cannot be averaged.
    """
    if len(set(digests)) != 1:
        raise ValueError(f"Scores of different clips cannot be averaged: {sorted(set(digests))}.")
    truth, speakers = read_clips(folder, digests[0])
    return counts_of_runs(truth, np.stack([as_classes(text) for text in answers]), speakers, classes)


def _clips_path(folder: Path, digest: str) -> Path:
    return folder / "clips" / f"{digest[:DIGEST_LENGTH]}.json"
