"""What is told of a file made elsewhere: `--labels`, `--features`, `--scale`, `--offset`, `--logits`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.options import split_words
from tfkws.config import OTHER, SILENCE, UNKNOWN, FeatureConfig, ForeignModel
from tfkws.config.strict import read
from tfkws.config.task import check_labels
from tfkws.errors import ConfigError
from tfkws.features.front_ends import DEFAULT_FRONT_END, FRONT_ENDS, get_front_end
from tfkws.run_folder import read_record
from tfkws.strict_json import MAX_BYTES, parse_json

AUDIO = "audio"
# Names that other programs give to the classes that are no words.
_SPECIAL = {special.strip("_"): special for special in (OTHER, SILENCE, UNKNOWN)}
_HELPS = {
    "labels": "Of a model made elsewhere: its classes in order, yes,no,..., or a file with one a line.",
    "features": f"Of a model made elsewhere: {', '.join(FRONT_ENDS)}, {AUDIO}, or a JSON file of its settings.",
    "scale": "Of a model made elsewhere: it receives scale x value + offset. Default: 1.",
    "offset": "See --scale. Default: 0.",
    "logits": "Of a model made elsewhere: its outputs are logits.",
}


def foreign_options() -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command the options, for a parameter annotated with `Changes[ForeignModel]`."""
    return options_of(ForeignModel, but=("takes_audio",), read={"labels": read_labels, "features": str}, helps=_HELPS)


def told_by(changes: Changes[ForeignModel]) -> ForeignModel | None:
    """Return what the options tell; None where none was given.

    Raises:
        ConfigError: labels or front end are missing, or not what they should be.
    """
    values: dict[str, Any] = dict(changes.values)
    if not values:
        return None
    missing = [f"--{name}" for name in ("labels", "features") if name not in values]
    if missing:
        raise ConfigError(f"A model made elsewhere needs --labels and --features; {' and '.join(missing)} is missing.")
    front_end = values.pop("features")
    return ForeignModel(features=read_front_end(front_end), takes_audio=front_end == AUDIO, **values)


def read_labels(text: str) -> tuple[str, ...]:
    """Read names of classes, separated by commas, or one a line of a file.

    "silence", "unknown" and "other" stand for our own classes of these names.

    Raises:
        ConfigError: the file is no list of names, or a name is empty, comes twice or holds control codes.

    Example:
        >>> read_labels("silence, unknown, yes, no")
        ('_silence_', '_unknown_', 'yes', 'no')
    """
    found = _lines_of(Path(text)) if "," not in text and Path(text).is_file() else split_words(text)
    labels = tuple(_SPECIAL.get(label, label) for label in found)
    check_labels(labels)
    return labels


def _lines_of(path: Path) -> tuple[str, ...]:
    if path.stat().st_size > MAX_BYTES:
        raise ConfigError(f"{path} is too long for a list of labels.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            return read(tuple[str, ...], parse_json(text), "labels")
    except (UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{path} is no list of labels ({error}); write one a line, in UTF-8.") from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def read_front_end(text: str) -> FeatureConfig:
    """Return a front end by its name, or by a JSON file of its settings or of a run; of "audio" the length counts.

    Raises:
        ConfigError: there is none of that name, or the file does not hold one.
    """
    if text == AUDIO:
        return replace(FRONT_ENDS[DEFAULT_FRONT_END], name=AUDIO)
    path = Path(text)
    if path.suffix == ".json" or path.is_file():
        settings = read_record(path)
        return FeatureConfig.from_dict(settings.get("features", settings))
    return get_front_end(text)
