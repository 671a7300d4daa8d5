"""The convert stage: from a model folder to a judged .tflite file beside the Keras model."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.cost.tflite_graph import BUILTIN_OPERATORS
from tfkws.errors import ConfigError, ConversionError, ParityError
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.calibration import CalibrationDraw, draw_calibration
from tfkws.tflite.contents import describe
from tfkws.tflite.convert import convert
from tfkws.tflite.interpreter import open_model
from tfkws.tflite.layer_errors import EXAMPLES, LayerError, first_bad, layer_errors
from tfkws.tflite.parity import DEFAULT_GATE_POINTS, ParityReport, compare
from tfkws.tflite.recipes import DEFAULT_CALIBRATION_CLIPS, RECIPES, Recipe, get_recipe
from tfkws.tflite.runtimes import compare_runtimes
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
    allowed_operators: frozenset[str] | None = None,
) -> Path:
    """Convert a trained model, judge it on the validation split, and write model, recipe and parity.

    Args:
        calibration_count: training clips on which ranges are measured, drawn by `seed`.
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        force: whether to replace an earlier conversion.
        data: the loaded task with all three splits; None loads it from the folder that the model was trained on.
        on_stage: called with a line of text at each stage.
        allowed_operators: what the target can run, as names of the schema; None for everything.

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
    check_operators(content, allowed_operators)
    on_stage("Comparing with the Keras model on the validation and testing splits")
    reports = {split: judge(folder, model, content, data, split) for split in (JUDGED_ON, "testing")}
    passed = reports[JUDGED_ON].passes(gate_points)
    errors = _layer_errors(folder, model, content, data) if recipe.needs_calibration else ()
    files = converted_files(folder.path, recipe.name if passed else f"{recipe.name}.rejected")
    write_json(files.recipe, _recipe_record(recipe, draw, content, folder))
    runtimes = _runtimes(folder, content, data)
    write_json(files.parity, _parity_record(recipe, reports, gate_points, passed, data.synthetic, errors) | runtimes)
    write_bytes(files.model, content)  # last: where the model is, everything about it is
    if not passed:
        raise ParityError(_complaint(recipe, reports[JUDGED_ON], gate_points, files.model, first_bad(errors)))
    return files.model


def check_operators(content: bytes, allowed: frozenset[str] | None) -> None:
    """Refuse a file with operators that the target lacks.

    Raises:
        ConversionError: there is one; the message names it and how often it occurs.
    """
    found = describe(content).operators
    foreign = {name: count for name, count in found.items() if allowed is not None and name not in allowed}
    if foreign:
        listed = ", ".join(f"{name} ({count})" for name, count in foreign.items())
        raise ConversionError(
            f"The converted model needs {listed}, which --allow-ops does not list; nothing was written."
        )


def read_operator_list(path: Path) -> frozenset[str]:
    """Read allowed operators, one a line, in the schema's names; `#` begins a comment.

    Raises:
        ConfigError: a line is not the name of an operator, or there is none.
    """
    lines = (line.partition("#")[0].strip().upper() for line in path.read_text().splitlines())
    names = frozenset(line for line in lines if line)
    unknown = sorted(names - BUILTIN_OPERATORS)
    if unknown or not names:
        raise ConfigError(
            f"{path} must list operators such as CONV_2D, one a line. It lists {', '.join(unknown) or 'none'}."
        )
    return names


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
    recipe: Recipe,
    reports: dict[str, ParityReport],
    gate_points: float,
    passed: bool,
    synthetic_speech: bool,
    errors: Sequence[LayerError],
) -> dict[str, Any]:
    worst = first_bad(errors)
    return {
        "recipe": recipe.name,
        "passed": passed,
        "gate_points": gate_points,
        "judged_on": JUDGED_ON,
        "synthetic_speech": synthetic_speech,
        "splits": {split: report.to_dict() for split, report in reports.items()},
        "layers": [error.to_dict() for error in errors],
        "first_bad_layer": worst.to_dict() if worst and not passed else None,
    }


def _complaint(recipe: Recipe, report: ParityReport, gate_points: float, kept: Path, worst: LayerError | None) -> str:
    if not report.finite:
        return f"Recipe {recipe.name} gives outputs that are no numbers; the file is kept aside as {kept}."
    return (
        f"Recipe {recipe.name} loses {-100 * report.difference:.1f} points of validation accuracy "
        f"({format_percent(report.reference_accuracy)} to {format_percent(report.candidate_accuracy)}, difference "
        f"{format_interval(report.difference_interval)}), more than the {gate_points} that --gate allows"
        f"{_place(worst)}; the file is kept aside as {kept}. Try more calibration clips, int16x8 or float16."
    )


def _place(worst: LayerError | None) -> str:
    if worst is None:
        return ""
    return f"; the first bad layer is {worst.name} ({worst.opcode}, signal to noise {worst.snr_db:.0f} dB)"


def _layer_errors(folder: "ModelFolder", model: Any, content: bytes, data: "TaskData") -> tuple[LayerError, ...]:
    """Error of every operator on validation clips, against the same network in float32."""
    examples = draw_calibration(data.splits[JUDGED_ON], folder.config.features, EXAMPLES)
    return layer_errors(convert(model, RECIPES["none"]), content, examples.features)


def _runtimes(folder: "ModelFolder", content: bytes, data: "TaskData") -> dict[str, Any]:
    """What each installed runtime makes of the file, on validation clips."""
    examples = draw_calibration(data.splits[JUDGED_ON], folder.config.features, EXAMPLES)
    return {"runtimes": [answer.to_dict() for answer in compare_runtimes(content, examples.features)]}
