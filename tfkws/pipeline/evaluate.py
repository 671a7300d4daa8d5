"""The stage of `tfkws evaluate`: score a model file on one split under a named protocol, and keep every prediction."""

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import TaskConfig
from tfkws.data.clip_set import ClipSet
from tfkws.data.protocols import labels_of
from tfkws.data.splits import SPLITS, Split
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import ConfigError, DataError
from tfkws.output_folder import check_output_folder, keep
from tfkws.pipeline.parts.detector import Detector
from tfkws.pipeline.parts.gpu_answers import judge_gpu
from tfkws.result_files import USUAL_RUNTIME, ResultName, check_conversion
from tfkws.run_folder import atomic_path, write_json
from tfkws.training.detection import Answers, equal_error_rate, judged_thresholds, operating_points, rate_shown_by
from tfkws.training.metrics import Scores, score
from tfkws.training.paired_comparison import Comparison, compare

FALSE_ACCEPT_RATES = (0.001, 0.01, 0.05)
THRESHOLDS_SET_ON: Split = "validation"


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
        synthetic_speech: whether any of the clips is synthetic speech.
        spoken_clips, synthetic_clips: how many clips hold speech, and how many of them synthetic speech.
        detection: of a wake word, thresholds for some false-accept rates with the split they were set on and what
            they give on this one, and this split's curve; None for other tasks.
        on_gpu: what `tfkws.pipeline.parts.gpu_answers.judge_gpu` says; None on a CPU.
        split_by_file: whether one person may be in several splits, so that the scores say nothing about others.
    """

    model: str
    form: str
    protocol: str
    words: tuple[str, ...]
    split: str
    manifest: str
    skipped_clips: int
    synthetic_speech: bool
    spoken_clips: int
    synthetic_clips: int
    scores: Scores
    detection: dict[str, Any] | None
    split_by_file: bool = False
    on_gpu: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, with the scores at the top level."""
        values = asdict(self)
        scores = values.pop("scores")
        if not self.split_by_file:
            del values["split_by_file"]
        if self.on_gpu is None:
            del values["on_gpu"]
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
    rates: Sequence[float] = FALSE_ACCEPT_RATES,
) -> tuple[Evaluation, np.ndarray]:
    """Score `detector` on `split` of `data`.

    Args:
        data: the split, and "validation" where a wake word's thresholds shall be set on other clips than these.
        rates: shares of the other clips (0..1) for which a wake word's threshold is given; those that the number
            of clips cannot show are left out.

    Returns:
        The evaluation, and the probabilities float32 (clips, classes).

    Raises:
        DataError: the split is not there, has no clips, or its labels are not the model's.
    """
    if split not in data.splits or len(data.splits[split].labels) == 0:
        raise DataError(f"The data hold no {split} clips; choose another --split.")
    detector = detector.in_order(data.labels)
    if data.labels != detector.labels:
        raise DataError(
            f"The model knows {', '.join(detector.labels)}; the data give {', '.join(data.labels)}. "
            "Use the protocol and words that the model was trained for."
        )
    clips = data.splits[split]
    probabilities = detector.answer(clips)
    scores = score(clips.labels, probabilities.argmax(axis=1), np.asarray(clips.speakers), data.labels)
    is_wake_word = len(data.labels) == 2
    evaluation = Evaluation(
        model=_name_of(detector),
        form=detector.form,
        protocol=task.protocol,
        words=task.words,
        split=split,
        manifest=data.manifest.split_digests[split],
        skipped_clips=len(data.manifest.skipped),
        synthetic_speech=clips.synthetic > 0,
        spoken_clips=clips.spoken,
        synthetic_clips=clips.synthetic,
        scores=replace(scores, speakers=clips.people),
        detection=_detection(detector, data, _answers(split, clips, probabilities), rates) if is_wake_word else None,
        split_by_file=data.manifest.split_by_file,
    )
    return evaluation, probabilities


def evaluate_folder(
    detector: Detector,
    data_dir: Path,
    task: TaskConfig,
    split: Split,
    against: Detector | None = None,
    false_accepts: float | None = None,
    on_cpu: Detector | None = None,
) -> tuple[Evaluation, Comparison | None]:
    """Load the split, score, and write `evaluation-<stem>-<split>.json` and the predictions beside the model.

    Args:
        on_cpu: the same file on the CPU, against which a GPU's answers are judged.
        false_accepts: a false-accept rate (0..1) whose threshold is wanted besides the usual ones.

    Returns:
        The evaluation, and the comparison with `against` clip by clip (the difference is `detector` minus
        `against`) where one is given.

    Raises:
        ConfigError: the clips are too few to tell the wanted rate from none.
        ConversionError: the records beside a converted file tell of another one.
        RunFolderError: the model's folder cannot be written, which is found out first; NotKeptError if it shows later.
    """
    check_output_folder(detector.folder, "")
    for each in filter(None, (detector, against)):
        check_conversion(each.path)
    data = _load(data_dir, task, split)
    if false_accepts is not None:
        _check_shown(check_rate(false_accepts), data)
    rates = sorted({*FALSE_ACCEPT_RATES, *([] if false_accepts is None else [false_accepts])})
    evaluation, probabilities = evaluate(detector, data, task, split, rates)
    clips = data.splits[split]
    if on_cpu is not None:
        evaluation = replace(evaluation, on_gpu=judge_gpu(detector, probabilities, on_cpu, clips))
    comparison = None
    if against is not None:
        other = evaluate(against, data, task, split)[1]
        first, second = (answers.argmax(axis=1) == clips.labels for answers in (other, probabilities))
        comparison = compare(first, second, np.asarray(clips.speakers))
    keep((evaluation, comparison), lambda: save(detector, evaluation, clips, probabilities))
    return evaluation, comparison


def save(detector: Detector, evaluation: Evaluation, clips: ClipSet, probabilities: np.ndarray) -> None:
    """Write the evaluation as JSON and its predictions as CSV.

    Args:
        probabilities: float32 (clips, classes).
    """
    runtime = [] if detector.runtime == USUAL_RUNTIME else [detector.runtime]
    name = ResultName("evaluation", detector.stem, (evaluation.split, *runtime))
    write_json(detector.folder / name.file, evaluation.to_dict())
    table = detector.folder / replace(name, kind="predictions").file
    with atomic_path(table) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "predicted", *(f"p_{label}" for label in detector.labels)])
        answers = probabilities.argmax(axis=1)
        for clip, label, answer, row in zip(clips.files, clips.labels, answers, probabilities, strict=True):
            writer.writerow([clip, detector.labels[label], detector.labels[answer], *(f"{p:.6g}" for p in row)])


def _name_of(detector: Detector) -> str:
    """Name the file, and the runtime where it is not the usual one."""
    return detector.path.name + ("" if detector.runtime == USUAL_RUNTIME else f" ({detector.runtime})")


def _load(data_dir: Path, task: TaskConfig, split: Split) -> TaskData:
    """Load a split; of a wake word also validation, where its thresholds are set, if the folder has it."""
    if len(labels_of(task)) != 2 or split == THRESHOLDS_SET_ON:
        return load_task(data_dir, task, (split,))
    try:
        return load_task(data_dir, task, (THRESHOLDS_SET_ON, split))
    except DataError:  # a folder of test clips, or no speaker in validation: the result says where it was set
        return load_task(data_dir, task, (split,))


def _check_shown(rate: float, data: TaskData) -> None:
    if len(data.labels) != 2:
        raise ConfigError("A false-accept rate belongs to a wake word; this model tells several words apart.")
    others = min(int(np.sum(clips.labels != 1)) for clips in data.splits.values())
    if not rate_shown_by(others, rate):
        raise ConfigError(
            f"A false-accept rate of {100 * rate:g} % cannot be told from {others} clips without the word, of which "
            f"one is {100 / others:.2g} %; ask for {_rounded_up(1 / others):g} or more, score on more clips, or count "
            "false accepts an hour with `tfkws over-air score`."
        )


def _rounded_up(share: float) -> float:
    """Round a share up to two digits."""
    digit = 10.0 ** (math.floor(math.log10(share)) - 1)
    return math.ceil(share / digit) * digit


def _answers(split: Split, clips: ClipSet, probabilities: np.ndarray) -> Answers:
    return Answers(split, clips.labels == 1, probabilities[:, 1], np.asarray(clips.speakers))


def _detection(detector: Detector, data: TaskData, judging: Answers, rates: Sequence[float]) -> dict[str, Any]:
    """Return operating points of a wake word: thresholds for some false-accept rates, and a thinned DET curve."""
    setting = judging
    others = data.splits.get(THRESHOLDS_SET_ON)
    if others is not None and judging.split != THRESHOLDS_SET_ON:
        setting = _answers(THRESHOLDS_SET_ON, others, detector.answer(others))
    points = operating_points(judging.is_word, judging.probability)
    step = max(1, len(points) // 200)
    thresholds = judged_thresholds(setting, judging, rates)
    return {
        "set_on": setting.split,
        "others": {"set": setting.others, "judged": judging.others},
        "equal_error_rate": equal_error_rate(points),
        "thresholds": {rate: found.to_dict() for rate, found in thresholds.items()},
        "curve": [point.to_dict() for point in points[::step]],
    }
