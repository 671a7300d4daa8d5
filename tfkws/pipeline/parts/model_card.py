"""The model card of a bundle: what the model is, what it scored under which protocol, whether speech was synthetic."""

from pathlib import Path
from typing import Any

from tfkws.config import ForeignModel
from tfkws.data.splits import SPLITS
from tfkws.errors import RunFolderError
from tfkws.intervals import LEVEL
from tfkws.result_files import ResultName
from tfkws.run_folder import read_record
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.training.model_folder import ModelFolder
from tfkws.units import format_bytes, format_interval, format_percent, speech

SCORE_KEYS = (
    "model", "split", "protocol", "clips", "accuracy", "accuracy_interval", "majority_baseline", "f1", "f1_interval",
    "manifest", "synthetic_speech",
)  # fmt: skip


def make_card(folder: ModelFolder, model: Path) -> dict[str, Any]:
    """Collect the model card of one converted model from the files that the stages wrote beside it.

    Scores are shares 0..1, sizes are in bytes.

    Raises:
        TfliteFileError: the file is damaged or not one.
    """
    file = TfliteFile.read(model)
    run = folder.config
    return {
        "model": run.model.to_dict(),
        "training_recipe": run.train.recipe,
        "seed": run.train.seed,
        "protocol": run.task.protocol,
        "words": list(run.task.words),
        "labels": list(run.labels),
        "front_end": run.features.name,
        "synthetic_speech": run.synthetic_speech,
        "conversion": model.stem,
        "contents": file.contents.to_dict(),
        "sha256": file.sha256,
        "scores": [_score(path) for path in _evaluations(folder.path, model.stem)],
        "parity": _optional(folder.path / ResultName("parity", model.stem).file),
    }


def card_text(card: dict[str, Any]) -> str:
    """Return the model card as Markdown: scores in percent, differences in points."""
    heard = speech(card["synthetic_speech"])
    contents = card["contents"]
    lines = [
        f"# {card['model']['name']}, {card['conversion']}",
        "",
        f"Detects {', '.join(card['labels'])}. Protocol {card['protocol']}; trained on {heard} with recipe "
        f"{card['training_recipe']}, seed {card['seed']}; front end {card['front_end']}.",
        "",
        f"File: {contents['scheme']}, {format_bytes(contents['size_bytes'])}, SHA-256 {card['sha256']}.",
        "",
        *_lines_of(card),
    ]
    return "\n".join(lines)


def foreign_card(model: Path, file: TfliteFile, told: ForeignModel) -> dict[str, Any]:
    """Return the card of a file made elsewhere: what was told of it, and the digest of the file as it was given.

    Raises:
        TfliteFileError: the file is damaged.
    """
    return {
        "made_elsewhere": model.name,
        "labels": list(told.labels),
        "front_end": told.features.name,
        "takes_audio": told.takes_audio,
        "scale": told.scale,
        "offset": told.offset,
        "logits": told.logits,
        "contents": file.contents.to_dict(),
        "sha256": file.sha256,
        "scores": [_score(path) for path in _evaluations(model.parent, model.stem)],
    }


def foreign_card_text(card: dict[str, Any]) -> str:
    """Return the card of a file made elsewhere as Markdown."""
    contents = card["contents"]
    lines = [
        f"# {card['made_elsewhere']}",
        "",
        f"Detects {', '.join(card['labels'])}, as its owner says; front end {card['front_end']}. It was made "
        "elsewhere: nothing is known of its training.",
        "",
        f"The file as it was given: {contents['scheme']}, {format_bytes(contents['size_bytes'])}, "
        f"SHA-256 {card['sha256']}.",
        "",
        *_lines_of(card),
    ]
    return "\n".join(lines)


def _score_lines(card: dict[str, Any]) -> list[str]:
    if not card["scores"]:
        return ["No evaluation of this file was made; run `tfkws evaluate` on it before bundling.", ""]
    head = f"| split | protocol | speech | clips | accuracy | {LEVEL} | majority | F1 | {LEVEL} |"
    table = [head, "|---|---|---|---|---|---|---|---|---|"]
    for score in card["scores"]:
        speech = "synthetic" if score["synthetic_speech"] else "recorded"
        table.append(
            f"| {score['split']} | {score['protocol']} | {speech} | {score['clips']} | "
            f"{format_percent(score['accuracy'])} | {format_interval(score['accuracy_interval'])} | "
            f"{format_percent(score['majority_baseline'])} | "
            f"{format_percent(score['f1'])} | {format_interval(score['f1_interval'])} |"
        )
    return [*table, ""]


def _parity_lines(card: dict[str, Any]) -> list[str]:
    lines = ["Against the Keras model it was converted from, on the same clips:", ""]
    for split, report in card["parity"]["splits"].items():
        lines.append(
            f"- {split}, {report['clips']} clips: {format_percent(report['reference_accuracy'])} before, "
            f"{format_percent(report['candidate_accuracy'])} after, difference "
            f"{format_interval(report['difference_interval'])}; same answer on {format_percent(report['agreement'])}"
        )
    return [*lines, ""]


def _evaluations(folder: Path, stem: str) -> list[Path]:
    """Find the evaluations of one file; a pattern would also find those of `<stem>-audio`."""
    paths = (folder / ResultName("evaluation", stem, (split,)).file for split in SPLITS)
    return sorted(path for path in paths if path.is_file())


def _score(path: Path) -> dict[str, Any]:
    values = read_record(path)
    if missing := [key for key in SCORE_KEYS if key not in values]:
        raise _damaged(path, f"it lacks {', '.join(missing)}")
    return {key: values[key] for key in SCORE_KEYS}


def _optional(path: Path) -> Any:
    return read_record(path) if path.is_file() else None


def _lines_of(card: dict[str, Any]) -> list[str]:
    """The lines on scores and parity.

    Raises:
        RunFolderError: a record that they are from holds values of other types.
    """
    try:
        return [*_score_lines(card), *(_parity_lines(card) if card.get("parity") else [])]
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise _damaged("An evaluation or parity record beside the model", error) from error


def _damaged(what: Path | str, reason: object) -> RunFolderError:
    return RunFolderError(f"{what} is damaged ({reason}); restore it from a copy, or run its command again.")
