"""The bundle stage: from a converted model in a model folder to one archive for a device."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfkws.config import DetectorConfig
from tfkws.errors import ConversionError
from tfkws.run_folder import read_json
from tfkws.tflite.bundle import Bundle, read_bundle, write_bundle
from tfkws.tflite.card import card_text, make_card
from tfkws.tflite.golden import GoldenCheck, check_golden
from tfkws.tflite.interpreter import open_model

if TYPE_CHECKING:
    from tfkws.training.model_folder import ModelFolder

FALSE_ACCEPT_RATE = "0.01"


def bundle_folder(
    folder: "ModelFolder",
    stem: str = "int8",
    out: Path | None = None,
    detector: DetectorConfig | None = None,
    force: bool = False,
) -> Path:
    """Bundle `<stem>.tflite` of a model folder.

    Args:
        out: the bundle to write; None for `<model name>-<stem>.kws` in the folder.
        detector: None takes `measured_detector`.

    Raises:
        ConversionError: the model was not converted yet, or an earlier bundle would be replaced.
    """
    model = folder.path / f"{stem}.tflite"
    if not model.is_file():
        raise ConversionError(f"{model} does not exist; run `tfkws convert {folder.path} --quantize {stem}` first.")
    path = out or folder.path / f"{folder.config.model.name}-{stem}.kws"
    if path.exists() and not force:
        raise ConversionError(f"{path} exists already; add --force to replace it.")
    card = make_card(folder, model)
    settings = detector or measured_detector(folder, stem)
    run = folder.config
    write_bundle(path, model.read_bytes(), run.features, run.labels, settings, card, card_text(card))
    return path


def verify_bundle(path: Path) -> tuple[Bundle, GoldenCheck]:
    """Read a bundle and run its golden vectors through front end and model on this machine.

    Raises:
        TfliteFileError: it is damaged, tampered with, or newer than this tfkws.
    """
    bundle = read_bundle(path)
    return bundle, check_golden(bundle.golden, open_model(bundle.model), bundle.features)


def measured_detector(folder: "ModelFolder", stem: str) -> DetectorConfig:
    """The default settings, with the threshold for 1 % false accepts where validation gave one."""
    evaluation = folder.path / f"evaluation-{stem}-validation.json"
    detection = read_json(evaluation).get("detection") if evaluation.is_file() else None
    if not detection:
        return DetectorConfig()
    threshold = detection["thresholds"][FALSE_ACCEPT_RATE]["threshold"]
    return replace(DetectorConfig(), threshold=threshold) if 0 < threshold <= 1 else DetectorConfig()
