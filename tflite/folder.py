"""The convert stage: from a model folder to a judged .tflite file beside the Keras model."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.errors import ConversionError, ParityError
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.calibration import CalibrationDraw, draw_calibration
from tfkws.tflite.contents import describe
from tfkws.tflite.convert import convert
from tfkws.tflite.interpreter import open_model
from tfkws.tflite.parity import DEFAULT_GATE_POINTS, ParityReport, compare
from tfkws.tflite.recipes import DEFAULT_CALIBRATION_CLIPS, Recipe, get_recipe
from tfkws.units import format_interval, format_percent

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder

JUDGED_ON = "validation"
CHUNK = 256


@dataclass(frozen=True)
class ConvertedFiles:
    """Where the results of one conversion lie."""

    model: Path
    recipe: Path
    parity: Path


def converted_files(folder: Path, stem: str) -> ConvertedFiles:
    """Name the files of a conversion in a model folder; the stem is the recipe's name, or `<recipe>.rejected`."""
    return ConvertedFiles(*(folder / f"{stem}{ending}" for ending in (".tflite", ".recipe.json", ".parity.json")))


def convert_folder(
    folder: "ModelFolder",
    recipe_name: str,
    calibration_count: int = DEFAULT_CALIBRATION_CLIPS,
    gate_points: float = DEFAULT_GATE_POINTS,
    force: bool = False,
    data: "TaskData | None" = None,
    seed: int = 0,
    on_stage: Callable[[str], None] = lambda text: None,
) -> Path:
    """Convert a trained model, judge it on the validation split, and write model, recipe and parity.

    Args:
        calibration_count: training clips on which ranges are measured, drawn by `seed`.
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        force: whether to replace an earlier conversion.
        data: the loaded task with all three splits; None loads it from the folder that the model was trained on.
        on_stage: called with a line of text at each stage.

    Returns:
        Path of `<recipe>.tflite`.

    Raises:
        ConversionError: the converter refuses the model, or an earlier conversion would be replaced.
        ParityError: the converted model lost more accuracy than the gate allows; it is kept as
            `<recipe>.rejected.tflite` with its own recipe and parity, and an earlier conversion stays as it was.
    """
    recipe = get_recipe(recipe_name)
    _refuse_overwriting(converted_files(folder.path, recipe.name), force)
    data = data or _load(folder)
    model = folder.load_keras()
    draw = None
    if recipe.needs_calibration:
        on_stage(f"Measuring ranges on {calibration_count} training clips")
        draw = draw_calibration(data.splits["training"], folder.config.features, calibration_count, seed)
    on_stage(f"Converting with recipe {recipe.name}")
    content = convert(model, recipe, draw.features if draw else None)
    on_stage("Comparing with the Keras model on the validation and testing splits")
    reports = {split: judge(folder, model, content, data, split) for split in (JUDGED_ON, "testing")}
    passed = reports[JUDGED_ON].passes(gate_points)
    files = converted_files(folder.path, recipe.name if passed else f"{recipe.name}.rejected")
    write_json(files.recipe, _recipe_record(recipe, draw, content, folder))
    write_json(files.parity, _parity_record(recipe, reports, gate_points, passed, data.synthetic))
    write_bytes(files.model, content)  # last: where the model is, everything about it is
    if not passed:
        raise ParityError(_complaint(recipe, reports[JUDGED_ON], gate_points, files.model))
    return files.model


def judge(folder: "ModelFolder", model: Any, content: bytes, data: "TaskData", split: str) -> ParityReport:
    """Compare a converted model with its Keras original on one split."""
    from tfkws.data.batches import feature_map

    clips = data.splits[split]
    features = feature_map(clips, folder.config.features)
    reference = keras_outputs(model, features)
    candidate = open_model(content, trial=False).predict(features)
    return compare(reference, candidate, clips.labels, np.asarray(clips.speakers))


def keras_outputs(model: Any, features: np.ndarray) -> np.ndarray:
    """Probabilities of a Keras model, float32 (n, classes), computed in chunks."""
    chunks = (features[first : first + CHUNK] for first in range(0, len(features), CHUNK))
    return np.concatenate([np.asarray(model.predict_on_batch(chunk), np.float32) for chunk in chunks])


def _refuse_overwriting(files: ConvertedFiles, force: bool) -> None:
    if files.model.exists() and not force:
        raise ConversionError(f"{files.model} exists already; add --force to replace it.")


def _load(folder: "ModelFolder") -> "TaskData":
    from tfkws.data.task_data import load_task

    return load_task(Path(folder.config.data_dir), folder.config.task)


def _recipe_record(
    recipe: Recipe, draw: CalibrationDraw | None, content: bytes, folder: "ModelFolder"
) -> dict[str, Any]:
    return {
        "recipe": recipe.to_dict(),
        "calibration": draw.to_dict() if draw else None,
        "contents": describe(content).to_dict(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "source_sha256": hashlib.sha256(folder.weights.read_bytes()).hexdigest(),
        "converter": f"tensorflow {metadata.version('tensorflow')}",
    }


def _parity_record(
    recipe: Recipe, reports: dict[str, ParityReport], gate_points: float, passed: bool, synthetic_speech: bool
) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "passed": passed,
        "gate_points": gate_points,
        "judged_on": JUDGED_ON,
        "synthetic_speech": synthetic_speech,
        "splits": {split: report.to_dict() for split, report in reports.items()},
    }


def _complaint(recipe: Recipe, report: ParityReport, gate_points: float, kept: Path) -> str:
    if not report.finite:
        return f"Recipe {recipe.name} gives outputs that are no numbers; the file is kept aside as {kept}."
    return (
        f"Recipe {recipe.name} loses {-100 * report.difference:.1f} points of validation accuracy "
        f"({format_percent(report.reference_accuracy)} to {format_percent(report.candidate_accuracy)}, difference "
        f"{format_interval(report.difference_interval)}), more than the {gate_points} that --gate allows; the file is "
        f"kept aside as {kept}. Try more calibration clips, int16x8 or float16."
    )
