"""`tfkws compress`: a smaller network from a trained one."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from tfkws.cli.terminal.arguments import renamed
from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.foreign_options import foreign_options, told_by
from tfkws.cli.terminal.options import MODELS, Imports, Json, Models, TrainedOn
from tfkws.config import Compression, ForeignModel

COMMAND = renamed({"--out": "--models"})  # the option had another name


@foreign_options()
@options_of(Compression)
def compress(
    model: Annotated[Path, typer.Argument(help="Model folder, or a .keras file.")],
    plan: Compression,
    data: TrainedOn = None,
    models: Models = MODELS,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
    *,
    foreign: Changes[ForeignModel],
) -> None:
    """Make a trained network smaller, convert before and after to int8, and compare all four clip by clip.

    Each result is a model folder like any other. Stopped runs go on, finished ones are not repeated.

    Example: tfkws compress artifacts/models/RUN --prune-macs 0.5 --quantization-aware
    """
    from tfkws.cli.terminal.output import say, show
    from tfkws.views.training import before_after_tables

    record = _compress(model, told_by(foreign), plan, data, models)
    show(record, [*before_after_tables(record), record["result"]], as_json)
    say(f"Next: tfkws bundle create {shlex.quote(record['result'])}/int8.tflite")


def _compress(
    model: Path, told: ForeignModel | None, plan: Compression, data: Path | None, models: Path
) -> dict[str, Any]:
    from tfkws.output_folder import check_output_folder
    from tfkws.pipeline.parts.bare_model import on_clips, open_source

    check_output_folder(models, "--models")
    source = open_source(model, told, data)  # before TensorFlow is imported: a wrong path is told at once
    from tfkws.cli.terminal.output import waiting
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.data.task_data import load_task
    from tfkws.pipeline.compress import compress, kernels_for
    from tfkws.pipeline.parts.before_after import compare_before_after

    progress = TerminalProgress()
    with waiting("Loading clips ..."):
        loaded = load_task(data or Path(source.config.data_dir), source.config.task)
    source = on_clips(source, loaded)
    with kernels_for(source, plan, progress):
        result = compress(source, plan, loaded, models, progress)
        progress.stage("Convert to int8, compare before and after")
        return compare_before_after(source, result, loaded, progress)
