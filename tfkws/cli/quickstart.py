"""`tfkws quickstart`: the whole path in minutes."""

import typer

from tfkws.cli.terminal.field_options import options_of
from tfkws.config.quickstart import Quickstart


@options_of(Quickstart, only=("out", "data", "word", "seed"))
def quickstart(
    plan: Quickstart,
) -> None:
    """Synthesise speech, train, search, convert to int8, bundle, benchmark, profile, and report; under six minutes.

    What is done already is not repeated; the report's path is printed last.

    Example: tfkws quickstart
    """
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.quickstart import run_quickstart

    typer.echo(run_quickstart(plan, TerminalProgress()))
