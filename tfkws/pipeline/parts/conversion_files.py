"""The files that one conversion writes into a model folder: names, records, and the word on a rejected one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tfkws.result_files import ResultName
from tfkws.tflite.convert.calibration import CalibrationDraw
from tfkws.tflite.convert.parity_gate import GATE_SPLIT, ParityReport
from tfkws.tflite.convert.runtime_agreement import RuntimeAnswer
from tfkws.tflite.convert.stream_recording import StreamDifferences
from tfkws.tflite.convert.stream_to_tflite import stream_config
from tfkws.tflite.convert.stream_workbench import StreamWorkbench
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import LayerError, first_bad
from tfkws.tflite.recipes import ConversionRecipe
from tfkws.training.model_folder import ModelFolder
from tfkws.units import format_interval, format_percent


@dataclass(frozen=True)
class ConversionFiles:
    """Where the results of one conversion lie; `figure` only where values between operators are quantised."""

    model: Path
    recipe: Path
    parity: Path
    figure: Path


def conversion_files(folder: Path, stem: str, passed: bool = True) -> ConversionFiles:
    """Name the files of a conversion by its stem; those of a rejected one say so.

    Args:
        stem: of `tfkws.result_files.conversion_stem`.
    """
    stem = stem if passed else f"{stem}.rejected"
    return ConversionFiles(
        model=folder / ResultName("model", stem).file,
        recipe=folder / ResultName("recipe", stem).file,
        parity=folder / ResultName("parity", stem).file,
        figure=folder / ResultName("layer errors", stem).file,
    )


def recipe_record(
    recipe: ConversionRecipe, draw: CalibrationDraw | None, file: TfliteFile, folder: ModelFolder
) -> dict[str, Any]:
    """Return how a file was made and what it holds: the content of `<stem>.recipe.json`, sizes in bytes."""
    return {
        "recipe": recipe.to_dict(),
        "calibration": draw.to_dict() if draw else None,
        "contents": file.contents.to_dict(),
        "sha256": file.sha256,
        "source_sha256": hashlib.sha256(folder.weights.read_bytes()).hexdigest(),
        "converter": ", ".join(f"{package} {metadata.version(package)}" for package in _packages(recipe)),
    }


def _packages(recipe: ConversionRecipe) -> tuple[str, ...]:
    return ("tensorflow", "ai-edge-quantizer") if recipe.needs_calibration else ("tensorflow",)


def parity_record(
    recipe: ConversionRecipe,
    reports: dict[str, ParityReport],
    gate_points: float,
    synthetic_speech: bool,
    errors: Sequence[LayerError],
    runtimes: Sequence[RuntimeAnswer],
) -> dict[str, Any]:
    """Return how a file compares with the Keras model: the content of `<stem>.parity.json`.

    Args:
        reports: of each split; that of validation decides.
        gate_points: allowed loss in points of accuracy.
        errors: of each layer; empty where none were measured.
        runtimes: answers of other runtimes to the same file.
    """
    passed, worst = reports[GATE_SPLIT].passes(gate_points), first_bad(errors)
    return {
        "recipe": recipe.name,
        "remedies": list(recipe.remedies),
        "passed": passed,
        "gate_points": gate_points,
        "judged_on": GATE_SPLIT,
        "synthetic_speech": synthetic_speech,
        "splits": {split: report.to_dict() for split, report in reports.items()},
        "layers": [error.to_dict() for error in errors],
        "first_bad_layer": worst.to_dict() if worst and not passed else None,
        "runtimes": [answer.to_dict() for answer in runtimes],
    }


def complaint(
    recipe: ConversionRecipe, report: ParityReport, gate_points: float, files: ConversionFiles, worst: LayerError | None
) -> str:
    """Say why a file is rejected, in points of accuracy, where it is kept, and what to do."""
    if not report.finite:
        return f"Recipe {recipe.label} gives outputs that are no numbers; the file is kept aside as {files.model}."
    return (
        f"Recipe {recipe.label} loses {-100 * report.difference:.1f} points of validation accuracy "
        f"({format_percent(report.reference_accuracy)} to {format_percent(report.candidate_accuracy)}, difference "
        f"{format_interval(report.difference_interval)}), more than the {gate_points} that --gate allows"
        f"{_worst_layer(worst, files.figure)}; the file is kept aside as {files.model}. {_advice(recipe)}"
    )


def stream_record(bench: StreamWorkbench, differences: Mapping[str, StreamDifferences]) -> dict[str, Any]:
    """Return how a file takes a stream and how it differs from the sliding window.

    Step and delay are in ms. This is the part "stream" of `parity_record`.
    """
    features, plan = bench.folder.config.features, bench.network.plan
    frame_ms = 1e3 * features.hop_samples / features.sample_rate_hz
    return {
        **stream_config(bench.network).to_dict(),
        "step_ms": plan.frames_per_step * frame_ms,
        "delay_ms": plan.delay_frames * frame_ms,
        "padded_layers": list(plan.padded_layers),
        "splits": {split: each.to_dict() for split, each in differences.items()},
    }


def detection_complaint(
    recipe: ConversionRecipe, lost: StreamDifferences, gate_points: float, files: ConversionFiles
) -> str:
    """Say why a streaming file is rejected, in words detected and points, and where it is kept."""
    window, stream = lost.words_heard
    return (
        f"Recipe {recipe.label} on a stream hears {stream} of {lost.words} words where the sliding window hears "
        f"{window} (difference of rightly heard clips {format_interval(lost.difference_interval)}), a loss of more "
        f"than the {gate_points} points that --gate allows; the file is kept aside as {files.model}. Slide the window "
        "instead, or train a network without padding along time."
    )


def _worst_layer(worst: LayerError | None, figure: Path) -> str:
    if worst is None:
        return ""
    return (
        f"; the first bad layer is {worst.name} ({worst.opcode}, signal to noise {worst.snr_db:.0f} dB, all layers in "
        f"{figure.name})"
    )


def _advice(recipe: ConversionRecipe) -> str:
    return "Try --repair, more calibration clips, or int16x8." if recipe.needs_calibration else "Use --quantize none."
