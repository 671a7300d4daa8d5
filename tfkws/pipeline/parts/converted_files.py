"""Names of the files that one conversion writes into a model folder."""

from dataclasses import dataclass
from pathlib import Path

from tfkws.tflite.recipes import InputKind, Recipe


@dataclass(frozen=True)
class ConvertedFiles:
    """Where the results of one conversion lie; `figure` only where values between operators are quantised."""

    model: Path
    recipe: Path
    parity: Path
    figure: Path


def converted_files(folder: Path, stem: str) -> ConvertedFiles:
    """Name the files of a conversion by its stem; see `stem_of`."""
    endings = (".tflite", ".recipe.json", ".parity.json", ".layers.png")
    return ConvertedFiles(*(folder / f"{stem}{ending}" for ending in endings))


def stem_of(recipe: Recipe, input_kind: InputKind = "features") -> str:
    """The recipe's name, with `-audio` where the front end is inside; a rejected file's stem ends in `.rejected`."""
    return f"{recipe.name}-audio" if input_kind == "audio" else recipe.name
