"""The convert stage: from a model folder to a judged .tflite file beside the Keras model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.errors import ConversionError, ParityError
from tfkws.pipeline.parts.conversion_records import complaint, parity_record, recipe_record
from tfkws.pipeline.parts.converted_files import ConvertedFiles, converted_files, stem_of
from tfkws.report.plots import layer_error_figure, save_png
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.convert.remedies import repair
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.convert.thresholds import measured_settings
from tfkws.tflite.convert.timing_hint import TimingHint, time_both
from tfkws.tflite.convert.whole_detector import whole_detector
from tfkws.tflite.convert.workbench import JUDGED_ON, Attempt, Workbench
from tfkws.tflite.file.allowed_operators import check_operators
from tfkws.tflite.file.contents import describe
from tfkws.tflite.file.metadata import FileMetadata, with_metadata
from tfkws.tflite.quantize.layer_errors import first_bad
from tfkws.tflite.recipes import DEFAULT_CALIBRATION_CLIPS, DEFAULT_GATE_POINTS, InputKind, Recipe, get_recipe

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder

SPLITS = (JUDGED_ON, "testing")


def convert_folder(
    folder: "ModelFolder",
    recipe: Recipe | str,
    calibration_count: int = DEFAULT_CALIBRATION_CLIPS,
    gate_points: float = DEFAULT_GATE_POINTS,
    force: bool = False,
    data: "TaskData | None" = None,
    seed: int = 0,
    on_stage: Callable[[str], None] = lambda text: None,
    allowed_operators: frozenset[str] | None = None,
    input_kind: InputKind = "features",
    with_remedies: bool = False,
) -> Path:
    """Convert a trained model, judge it on the validation split, and write model, recipe and parity.

    Args:
        recipe: a recipe or its name.
        calibration_count: training clips on which ranges are measured, drawn by `seed`.
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        force: whether to replace an earlier conversion.
        data: the loaded task with all three splits; None loads it from the folder that the model was trained on.
        on_stage: called with a line of text at each stage.
        allowed_operators: what the target can run, as names of the schema; None for everything.
        input_kind: "audio" puts the front end into the file.
        with_remedies: whether a file that fails the gate is mended; see `tfkws.tflite.convert.remedies`.

    Returns:
        Path of the `.tflite` file, `stem_of(recipe, input_kind)`.

    Raises:
        ConversionError: the converter refuses the model, or an earlier conversion would be replaced.
        ParityError: the converted model lost more accuracy than the gate allows; it is kept as
            `<stem>.rejected.tflite` with its own recipe and parity, and an earlier conversion stays as it was.
    """
    plain = get_recipe(recipe) if isinstance(recipe, str) else recipe
    stem = stem_of(plain, input_kind)
    _refuse_overwriting(converted_files(folder.path, stem), force)
    bench = Workbench(folder, data or _load(folder), calibration_count, seed, on_stage)
    mended = repair(bench, plain, gate_points, allowed_operators) if with_remedies else None
    attempt = mended.kept if mended else bench.attempt(plain)
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
    hint = _timing_hint(bench, content, examples, input_kind)
    parity = parity_record(attempt.recipe, reports, gate_points, bench.data.synthetic, attempt.errors, runtimes)
    parity["attempts"] = mended.to_dicts(gate_points) if mended else []
    parity["timing_hint"] = hint.to_dict() if hint else None
    _write(files, bench, attempt.recipe, content, parity)
    if not passed:
        worst = first_bad(attempt.errors)
        raise ParityError(complaint(attempt.recipe, reports[JUDGED_ON], gate_points, files, worst))
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


def _timing_hint(bench: Workbench, content: bytes, examples: np.ndarray, input_kind: InputKind) -> TimingHint | None:
    """How the file's time compares with that of the same network in float32; None for that itself."""
    features = bench.folder.config.features
    reference = whole_detector(bench.float_file, features) if input_kind == "audio" else bench.float_file
    same = describe(content).scheme == describe(reference).scheme
    return None if same else time_both(reference, content, examples)


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
    """Write recipe, parity, figure and model, the model last: where it is, everything about it is."""
    draw = bench.draw if recipe.needs_calibration else None
    write_json(files.recipe, recipe_record(recipe, draw, content, bench.folder))
    write_json(files.parity, parity)
    if parity["layers"]:
        bad = parity["first_bad_layer"]
        save_png(layer_error_figure(parity["layers"], bad["index"] if bad else None), files.figure)
    write_bytes(files.model, content)
