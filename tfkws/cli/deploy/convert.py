"""`tfkws convert`: from a Keras model to a .tflite file that is checked against it."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from tfkws.cli.terminal.arguments import renamed
from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.foreign_options import foreign_options, told_by
from tfkws.cli.terminal.options import CONVERSION_NAMES, Imports, Json, TrainedOn, split_words
from tfkws.config import ConversionSettings, ForeignModel
from tfkws.tflite.recipes import (
    PLAIN,
    QUANTIZED,
    ConversionRecipe,
    with_remedies,
)

QUANTIZE = "--quantize"


class QuantizeAlone(TyperCommand):
    """Let `--quantize` stand without a value, for int8; a word behind it is its value only if it can be a recipe's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the value in where it is left out."""
        return super().parse_args(ctx, with_recipe(args))


def with_recipe(args: list[str]) -> list[str]:
    """Return the arguments with `int8` behind a `--quantize` that has no value of its own."""
    completed = []
    for position, argument in enumerate(args):
        completed.append(argument)
        following = args[position + 1] if position + 1 < len(args) else "-"
        if argument == QUANTIZE and (following.startswith("-") or _is_path(following)):
            completed.append(QUANTIZED)
    return completed


def _is_path(text: str) -> bool:
    return "/" in text or "." in text or Path(text).exists()


COMMAND = renamed({"--input": "--input-kind"}, QuantizeAlone)  # the option had another name


@foreign_options()
@options_of(
    ConversionRecipe,
    only=("ranges", "equalise", "correct_bias", "keep_float"),
    read={"keep_float": split_words},
)
@options_of(
    ConversionSettings,
    named={"input": "input_kind", "calibration_clips": "calibrate", "gate_points": "gate"},
    spelled={"runs_on": ("--for",)},
)
def convert(
    model: Annotated[Path, typer.Argument(help="Model folder, or a .keras file; with --show a .tflite file.")],
    remedies: Changes[ConversionRecipe],
    settings: ConversionSettings,
    quantize: Annotated[str, typer.Option(QUANTIZE, help=f"{CONVERSION_NAMES}; alone it means {QUANTIZED}.")] = PLAIN,
    data: TrainedOn = None,
    allow_ops: Annotated[
        Path | None, typer.Option(help="File of the operators that the target has, one a line.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Convert nothing; print what a .tflite file holds.")] = False,
    force: Annotated[bool, typer.Option(help="Replace an earlier conversion.")] = False,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
    *,
    foreign: Changes[ForeignModel],
) -> None:
    """Convert to TFLite, judge the result against the Keras model clip by clip, and write both beside the model.

    Of a .keras file made elsewhere tell the classes, the front end and the clips: --labels labels.txt --features
    mfcc-49x10 --data speech_commands.

    Exits 1 and keeps the file aside when more accuracy is lost than the gate allows.

    Example: tfkws convert artifacts/models/RUN --quantize int8
    """
    if show:
        _show_file(model, as_json)
        return
    told = told_by(foreign)
    path = _convert(model, told, with_remedies(quantize, **remedies.values), settings, data, allow_ops, force)
    _show_converted(path, as_json)


def _convert(
    model: Path,
    told: ForeignModel | None,
    recipe: ConversionRecipe,
    settings: ConversionSettings,
    data: Path | None,
    allow_ops: Path | None,
    force: bool,
) -> Path:
    from tfkws.pipeline.parts.bare_model import on_clips, open_source

    folder = open_source(model, told, data)  # before TensorFlow is imported: a wrong path is told at once
    from tfkws.cli.terminal.output import waiting
    from tfkws.data.task_data import load_task
    from tfkws.pipeline.convert import convert_folder
    from tfkws.tflite.file.allowed_operators import read_operator_list

    allowed = read_operator_list(allow_ops) if allow_ops else None
    with waiting(f"Converting {folder.path} ..."):
        loaded = load_task(data, folder.config.task) if data else None
        return convert_folder(
            on_clips(folder, loaded), recipe, settings, data=loaded, allowed_operators=allowed, force=force
        )


def _show_converted(path: Path, as_json: bool) -> None:
    """Print what became of a file that was just converted."""
    from tfkws.cli.terminal.output import say, show
    from tfkws.run_folder import read_json
    from tfkws.views.conversion import converted_tables, timing_sentence

    parity = read_json(path.with_suffix(".parity.json"))
    recipe = read_json(path.with_suffix(".recipe.json"))
    hint = parity["timing_hint"]
    timing = timing_sentence(recipe["recipe"]["name"], hint) if hint else ""
    tables = converted_tables(path.stem, parity, recipe)
    show({"file": str(path), "parity": parity, "recipe": recipe}, [*tables, timing], as_json)
    say(f"Next: tfkws bundle create {shlex.quote(str(path))}")


def _show_file(path: Path, as_json: bool) -> None:
    """Print what a .tflite file holds, and what it says about itself."""
    from tfkws.cli.terminal.output import show
    from tfkws.tflite.file.tflite_file import TfliteFile
    from tfkws.tflite.recipes import ConversionRecipe
    from tfkws.views.conversion import contents_table, metadata_table

    file = TfliteFile.read(path)
    metadata = file.metadata.to_dict() if file.metadata else None
    contents = file.contents.to_dict()
    conversion = ConversionRecipe.from_dict(metadata["conversion"]).label if metadata else ""
    tables = [contents_table(str(path), contents), metadata_table(metadata, conversion)]
    show({"file": str(path), "contents": contents, "metadata": metadata}, tables, as_json)
