"""The stage of `tfkws evaluate`: score a model file on one split under a named protocol, and keep every prediction."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import TaskConfig
from tfkws.data.clip_set import ClipSet
from tfkws.data.splits import SPLITS, Split
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import ConfigError, DataError
from tfkws.pipeline.parts.detector import Detector
from tfkws.result_files import ResultName
from tfkws.run_folder import atomic_path, write_json
from tfkws.training.detection import equal_error_rate, operating_points, threshold_for
from tfkws.training.metrics import Scores, score
from tfkws.training.paired_comparison import Comparison, compare

FALSE_ACCEPT_RATES = (0.001, 0.01, 0.05)


@dataclass(frozen=True)
class Evaluation:
    """Scores with everything needed to know what they are scores of.

    Attributes:
        model: name of the scored file.
        form: "keras", "tflite" or "bundle".
        protocol, words: the task under which it was scored.
        split: "training", "validation" or "testing".
        manifest: digest of the split's clips.
        skipped_clips: unusable files of the data's folder.
        synthetic_speech: whether the clips are synthetic speech.
        detection: operating points of a wake word; None for other tasks.
    """

    model: str
    form: str
    protocol: str
    words: tuple[str, ...]
    split: str
    manifest: str
    skipped_clips: int
    synthetic_speech: bool
    scores: Scores
    detection: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, with the scores at the top level."""
        values = asdict(self)
        scores = values.pop("scores")
        return values | scores


def check_split(name: str) -> Split:
    """Return the name as a split.

    Raises:
        ConfigError: there is no such split.
    """
    for split in SPLITS:
        if split == name:
            return split
    raise ConfigError(f"There is no split {name!r}; choose one of {', '.join(SPLITS)}.")


def check_rate(rate: float) -> float:
    """Return a false-accept rate.

    Raises:
        ConfigError: it is no share.
    """
    if not 0 <= rate < 1:
        raise ConfigError(f"A false-accept rate is a share of the other clips from 0 to below 1. Received {rate}.")
    return rate


def evaluate(
    detector: Detector,
    data: TaskData,
    task: TaskConfig,
    split: Split,
    false_accept_rates: Sequence[float] = FALSE_ACCEPT_RATES,
) -> tuple[Evaluation, np.ndarray]:
    """Score `detector` on `split` of `data`.

    Args:
        false_accept_rates: shares of the other clips (0..1) for which a wake word's threshold is given.

    Returns:
        The evaluation, and the probabilities float32 (clips, classes).

    Raises:
        DataError: the split is not there, has no clips, or its labels are not the model's.
    """
    if split not in data.splits or len(data.splits[split].labels) == 0:
        raise DataError(f"The data hold no {split} clips; choose another --split.")
    if data.labels != detector.labels:
        raise DataError(
            f"The model knows {', '.join(detector.labels)}; the data give {', '.join(data.labels)}. "
            "Use the protocol and words that the model was trained for."
        )
    clips = data.splits[split]
    probabilities = detector.answer(clips)
    scores = score(clips.labels, probabilities.argmax(axis=1), np.asarray(clips.speakers), data.labels)
    evaluation = Evaluation(
        model=detector.path.name,
        form=detector.form,
        protocol=task.protocol,
        words=task.words,
        split=split,
        manifest=data.manifest.split_digests[split],
        skipped_clips=len(data.manifest.skipped),
        synthetic_speech=data.synthetic,
        scores=scores,
        detection=_detection(clips.labels, probabilities, false_accept_rates) if len(data.labels) == 2 else None,
    )
    return evaluation, probabilities


def evaluate_folder(
    detector: Detector,
    data_dir: Path,
    task: TaskConfig,
    split: Split,
    against: Detector | None = None,
    false_accepts: float | None = None,
) -> tuple[Evaluation, Comparison | None]:
    """Load the split, score, and write `evaluation-<stem>-<split>.json` and the predictions beside the model.

    Args:
        false_accepts: a false-accept rate (0..1) whose threshold is wanted besides the usual ones.

    Returns:
        The evaluation, and the comparison with `against` clip by clip (the difference is `detector` minus
        `against`) where one is given.
    """
    data = load_task(data_dir, task, (split,))
    rates = sorted({*FALSE_ACCEPT_RATES, *([] if false_accepts is None else [check_rate(false_accepts)])})
    evaluation, probabilities = evaluate(detector, data, task, split, rates)
    clips = data.splits[split]
    save(detector, evaluation, clips, probabilities)
    if against is None:
        return evaluation, None
    other = evaluate(against, data, task, split)[1]
    first, second = (answers.argmax(axis=1) == clips.labels for answers in (other, probabilities))
    return evaluation, compare(first, second, np.asarray(clips.speakers))


def save(detector: Detector, evaluation: Evaluation, clips: ClipSet, probabilities: np.ndarray) -> None:
    """Write the evaluation as JSON and its predictions as CSV.

    Args:
        probabilities: float32 (clips, classes).
    """
    name = ResultName("evaluation", detector.stem, (evaluation.split,))
    write_json(detector.folder / name.file, evaluation.to_dict())
    table = detector.folder / replace(name, kind="predictions").file
    with atomic_path(table) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "predicted", *(f"p_{label}" for label in detector.labels)])
        answers = probabilities.argmax(axis=1)
        for clip, label, answer, row in zip(clips.files, clips.labels, answers, probabilities, strict=True):
            writer.writerow([clip, detector.labels[label], detector.labels[answer], *(f"{p:.6g}" for p in row)])


def _detection(labels: np.ndarray, probabilities: np.ndarray, rates: Sequence[float]) -> dict[str, Any]:
    """Return operating points of a wake word: thresholds for some false-accept rates, and a thinned DET curve."""
    points = operating_points(labels == 1, probabilities[:, 1])
    step = max(1, len(points) // 200)
    return {
        "equal_error_rate": equal_error_rate(points),
        "thresholds": {str(rate): threshold_for(points, rate).to_dict() for rate in rates},
        "curve": [point.to_dict() for point in points[::step]],
    }
