"""`tfkws count`: instructions of converted models on an emulated core; never a time."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.measure.options import names_of
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json, Record
from tfkws.config import CountSettings


@options_of(CountSettings, only=("kernels", "operators"))
def count(
    models: Annotated[list[Path], typer.Argument(help=".tflite files or .kws bundles.")],
    settings: CountSettings,
    target: Annotated[str, typer.Option(help="qemu-aarch64[:CPU], or replay:DIR of one.")] = "qemu-aarch64",
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Count the instructions of one inference on an emulated ARM core, and write instructions-*.json beside each model.

    A count is no time: cores execute several instructions in a cycle, and wait for memory.

    Example: tfkws count artifacts/models/RUN/int8.tflite --target qemu-aarch64:cortex-a76
    """
    count_and_show(models, settings, target, record, as_json)


def count_and_show(
    models: list[Path], settings: CountSettings, target: str, record: Path | None, as_json: bool
) -> None:
    """Count, and print tables or JSON; as the command's own options say."""
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.count import count_models
    from tfkws.views.counts import instructions_table, operator_instructions_table

    counted = count_models(models, target, settings, record=record, progress=TerminalProgress(numbered=False))
    results = [result.to_dict() for result in counted]
    by_operator = [operator_instructions_table(result) for result in results] if settings.operators else []
    show(results, [instructions_table(results, names=names_of(models)), *by_operator], as_json)
