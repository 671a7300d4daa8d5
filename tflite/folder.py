"""The convert stage: from a model folder to a judged .tflite file beside the Keras model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.errors import ConversionError, ParityError
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.attempt import JUDGED_ON, Attempt, Workbench
from tfkws.tflite.layer_errors import first_bad
from tfkws.tflite.metadata import FileMetadata, InputKind, with_metadata
from tfkws.tflite.operator_list import check_operators
from tfkws.tflite.parity import DEFAULT_GATE_POINTS
from tfkws.tflite.recipes import DEFAULT_CALIBRATION_CLIPS, Recipe, get_recipe
from tfkws.tflite.records import complaint, parity_record, recipe_record
from tfkws.tflite.runtimes import compare_runtimes
from tfkws.tflite.thresholds import measured_settings
from tfkws.tflite.whole_detector import whole_detector

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder

SPLITS = (JUDGED_ON, "testing")


@dataclass(frozen=True)
class ConvertedFiles:
    """Where the results of one conversion lie."""

    model: Path
    recipe: Path
    parity: Path


def converted_files(folder: Path, stem: str) -> ConvertedFiles:
    """Name the files of a conversion in a model folder by its stem; see `stem_of`."""
    return ConvertedFiles(*(folder / f"{stem}{ending}" for ending in (".tflite", ".recipe.json", ".parity.json")))


def stem_of(recipe: Recipe, input_kind: InputKind = "features") -> str:
    """The recipe's name, with `-audio` where the front end is inside; a rejected file's stem ends in `.rejected`."""
    return f"{recipe.name}-audio" if input_kind == "audio" else recipe.name


def convert_folder(
    folder: "ModelFolder",
    recipe_name: str,
    calibration_count: int = DEFAULT_CALIBRATION_CLIPS,
    gate_points: float = DEFAULT_GATE_POINTS,
    force: bool = False,
    data: "TaskData | None" = None,
    seed: int = 0,
    on_stage: Callable[[str], None] = lambda text: None,
    allowed_operators: frozenset[str] | None = None,
    input_kind: InputKind = "features",
) -> Path:
    """Convert a trained model, judge it on the validation split, and write model, recipe and parity.

    Args:
        calibration_count: training clips on which ranges are measured, drawn by `seed`.
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        force: whether to replace an earlier conversion.
        data: the loaded task with all three splits; None loads it from the folder that the model was trained on.
        on_stage: called with a line of text at each stage.
        allowed_operators: what the target can run, as names of the schema; None for everything.
        input_kind: "audio" puts the front end into the file.

    Returns:
        Path of the `.tflite` file, `stem_of(recipe, input_kind)`.

    Raises:
        ConversionError: the converter refuses the model, or an earlier conversion would be replaced.
        ParityError: the converted model lost more accuracy than the gate allows; it is kept as
            `<stem>.rejected.tflite` with its own recipe and parity, and an earlier conversion stays as it was.
    """
    recipe = get_recipe(recipe_name)
    stem = stem_of(recipe, input_kind)
    _refuse_overwriting(converted_files(folder.path, stem), force)
    bench = Workbench(folder, data or _load(folder), calibration_count, seed, on_stage)
    attempt = bench.attempt(recipe)
    content = attempt.content
    if input_kind == "audio":
        on_stage("Putting the front end into the file")
        content = whole_detector(content, folder.config.features)
    check_operators(content, allowed_operators)
    on_stage("Comparing with the Keras model on the testing split")
    answers = _answers(bench, attempt, content)
    reports = {split: bench.split(split).compare(answers[split]) for split in SPLITS}
    passed = reports[JUDGED_ON].passes(gate_points)
    content = with_metadata(content, _metadata(bench, attempt.recipe, input_kind, answers[JUDGED_ON]))
    files = converted_files(folder.path, stem if passed else f"{stem}.rejected")
    examples = bench.examples.audio if input_kind == "audio" else bench.examples.features
    runtimes = compare_runtimes(content, examples)
    parity = parity_record(attempt.recipe, reports, gate_points, bench.data.synthetic, attempt.errors, runtimes)
    _write(files, bench, attempt.recipe, content, parity)
    if not passed:
        raise ParityError(complaint(recipe, reports[JUDGED_ON], gate_points, files.model, first_bad(attempt.errors)))
    return files.model


def _refuse_overwriting(files: ConvertedFiles, force: bool) -> None:
    if files.model.exists() and not force:
        raise ConversionError(f"{files.model} exists already; add --force to replace it.")


def _load(folder: "ModelFolder") -> "TaskData":
    from tfkws.data.task_data import load_task

    return load_task(Path(folder.config.data_dir), folder.config.task)


def _answers(bench: Workbench, attempt: Attempt, content: bytes) -> dict[str, np.ndarray]:
    """Answers of the finished file on both splits; those of the attempt are its own where it is the same file."""
    known = {JUDGED_ON: attempt.answers} if content == attempt.content else {}
    return {split: known[split] if split in known else bench.split(split).answers(content) for split in SPLITS}


def _metadata(bench: Workbench, recipe: Recipe, input_kind: InputKind, answers: np.ndarray) -> FileMetadata:
    run = bench.folder.config
    return FileMetadata(
        labels=run.labels,
        input=input_kind,
        features=run.features,
        task=run.task,
        model=run.model,
        detector=measured_settings(bench.split(JUDGED_ON).clips.labels, answers),
        conversion=recipe,
        synthetic_speech=run.synthetic_speech,
    )


def _write(files: ConvertedFiles, bench: Workbench, recipe: Recipe, content: bytes, parity: dict[str, Any]) -> None:
    """Write recipe, parity and model, the model last: where it is, everything about it is."""
    draw = bench.draw if recipe.needs_calibration else None
    write_json(files.recipe, recipe_record(recipe, draw, content, bench.folder))
    write_json(files.parity, parity)
    write_bytes(files.model, content)
