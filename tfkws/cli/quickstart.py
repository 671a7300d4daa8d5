"""`tfkws quickstart`: the whole path in minutes."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.options import Seed


def quickstart(
    data: Annotated[
        Path | None, typer.Option(help="Folder in Speech Commands' layout. Default: synthesise speech.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of all results.")] = Path("artifacts/quickstart"),
    word: Annotated[str, typer.Option(help="The wake word.")] = "sheila",
    seed: Seed = 0,
) -> None:
    """Synthesise speech, train, search, convert to int8, bundle, benchmark, profile, and report; under six minutes.

    What is done already is not repeated; the report's path is printed last.

    Example: tfkws quickstart
    """
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.quickstart import Quickstart, run_quickstart

    typer.echo(run_quickstart(Quickstart(out=out, data=data, word=word, seed=seed), TerminalProgress()))
