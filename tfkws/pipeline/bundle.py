"""The stage of `tfkws bundle`: from a converted model in a model folder to one archive for a device."""

from pathlib import Path

from tfkws.config import DetectorConfig, ForeignModel
from tfkws.errors import ConfigError, ConversionError, ModelError, RunFolderError
from tfkws.model_files import foreign_model
from tfkws.pipeline.parts.model_card import card_text, foreign_card, foreign_card_text, make_card
from tfkws.result_files import ResultName, check_conversion
from tfkws.run_folder import read_record
from tfkws.tflite.bundle.archive import Bundle, read_bundle, write_bundle
from tfkws.tflite.bundle.golden_vectors import GoldenCheck, check_golden
from tfkws.tflite.file.foreign_model import adapted, keeps_state
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.training.detection import FALSE_ACCEPT_RATE, with_threshold
from tfkws.training.model_folder import CONFIG, ModelFolder


def bundle_folder(
    folder: ModelFolder,
    stem: str = "int8",
    out: Path | None = None,
    detector: DetectorConfig | None = None,
    force: bool = False,
) -> Path:
    """Bundle `<stem>.tflite` of a model folder; return the path of the bundle.

    Args:
        out: the bundle to write; None for `<model name>-<stem>.kws` in the folder.
        detector: None takes `measured_detector`.

    Raises:
        ConversionError: the model was not converted yet, or an earlier bundle would be replaced.
    """
    model = folder.path / ResultName("model", stem).file
    if not model.is_file():
        raise ConversionError(f"{model} does not exist; run `{_command(folder, stem)}` first.")
    check_conversion(model)
    path = out or folder.path / ResultName("bundle", f"{folder.config.model.name}-{stem}").file
    if path.exists() and not force:
        raise ConversionError(f"{path} exists already; add --force to replace it.")
    card = make_card(folder, model)
    settings = detector or measured_detector(folder, stem)
    run = folder.config
    write_bundle(path, TfliteFile.read(model), run.features, run.labels, settings, card, card_text(card))
    return path


def check_lies_in_folder(model: Path) -> None:
    """Refuse a .tflite file that lies in no model folder, and of which nothing is known.

    Raises:
        ModelError: it is such a file.
    """
    if model.is_file() and model.suffix == ".tflite" and not (model.parent / CONFIG).is_file():
        raise ModelError(
            f"{model} lies in no folder of `tfkws train`, so labels and front end of the bundle are unknown; name them "
            "with --labels yes,no,... --features NAME."
        )


def told_by_file(model: Path) -> tuple[ForeignModel, DetectorConfig] | None:
    """Return what a .tflite file in no model folder says about itself; None where it says nothing, or lies in one.

    `tfkws convert` writes such a file beside a .keras file that was made elsewhere.

    Raises:
        TfliteFileError: it is damaged.
    """
    if not model.is_file() or model.suffix != ".tflite" or (model.parent / CONFIG).is_file():
        return None
    about = TfliteFile.read(model).metadata
    if about is None or about.streaming is not None:
        return None
    return ForeignModel(about.labels, about.features, takes_audio=about.input == "audio"), about.detector


def bundle_foreign(
    model: Path,
    told: ForeignModel,
    out: Path | None = None,
    detector: DetectorConfig = DetectorConfig(),
    force: bool = False,
) -> Path:
    """Bundle a .tflite or .keras file made elsewhere; return the path of the bundle.

    What was told of its input and output is put into the model (`tfkws.tflite.file.foreign_model`). A Keras model is
    converted in float32, for which no clips are needed.

    Args:
        out: the bundle to write; None for `<name>.kws` beside the file.

    Raises:
        ModelError: the file is not what was told, or an answer depends on earlier ones.
        ConversionError: an earlier bundle would be replaced.
        TfliteFileError: the file is missing or damaged.
    """
    if elsewhere := foreign_model(model):
        raise ModelError(elsewhere)
    path = out or model.with_suffix(".kws")
    if path.exists() and not force:
        raise ConversionError(f"{path} exists already; add --force to replace it.")
    file = _converted(model, told) if model.suffix == ".keras" else TfliteFile.read(model)
    if keeps_state(file.graph):
        raise ModelError(
            f"{model} keeps values from one run to the next, so an answer to one window would depend on the window "
            "before; export the network for whole windows, without state."
        )
    card = foreign_card(model, file, told)
    made = file if model.suffix == ".keras" else adapted(file, told)
    write_bundle(path, made, told.features, told.labels, detector, card, foreign_card_text(card))
    return path


def _converted(path: Path, told: ForeignModel) -> TfliteFile:
    """Convert a Keras model, with what was told of it inside, as it is: in float32."""
    from tfkws.models.saving import load_model
    from tfkws.pipeline.parts.bare_model import fitted
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import PLAIN, get_recipe

    return convert(fitted(load_model(path), told), get_recipe(PLAIN))


def _command(folder: ModelFolder, stem: str) -> str:
    """Return the command that makes `<stem>.tflite`."""
    recipe = stem.removesuffix("-audio").removesuffix("-streaming")
    how = {"-audio": " --input-kind audio", "-streaming": " --streaming"}.get(stem.removeprefix(recipe), "")
    return f"tfkws convert {folder.path} --quantize {recipe}{how}"


def verify_bundle(path: Path) -> tuple[Bundle, GoldenCheck]:
    """Read a bundle and run its golden vectors through front end and model on this machine.

    Raises:
        TfliteFileError: it is damaged, tampered with, or newer than this tfkws.
    """
    bundle = read_bundle(path)
    return bundle, check_golden(bundle.golden, open_model(bundle.model), bundle.features)


def measured_detector(folder: ModelFolder, stem: str) -> DetectorConfig:
    """Return the detector's settings for a converted file.

    The threshold, 0..1, is the one that its evaluation on validation found; without such an evaluation, or with
    too few clips to tell the rate, the settings are those in the file, or the defaults.

    Raises:
        RunFolderError: the evaluation is damaged.
    """
    evaluation = folder.path / ResultName("evaluation", stem, ("validation",)).file
    try:
        detection = read_record(evaluation).get("detection") if evaluation.is_file() else None
        measured = (detection or {}).get("thresholds", {}).get(str(FALSE_ACCEPT_RATE))
        if measured:
            return with_threshold(measured["threshold"])
    except (LookupError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise RunFolderError(f"{evaluation} is damaged ({error}); score the file again.") from error
    metadata = TfliteFile.read(folder.path / ResultName("model", stem).file).metadata
    return metadata.detector if metadata else DetectorConfig()
