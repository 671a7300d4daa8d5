"""`tfkws quickstart` and `tfkws report`: the whole path in minutes; one page of everything under a folder."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json
from tfkws.cli.terminal.output import show
from tfkws.config.quickstart import Quickstart


@options_of(Quickstart, only=("out", "data", "word", "seed"))
def quickstart(
    plan: Quickstart,
    as_json: Json = False,
) -> None:
    """Synthesise speech, train, search, convert to int8, bundle, benchmark, profile, and report; in a few minutes.

    What is done already is not repeated; the report's path is printed last.

    Example: tfkws quickstart
    """
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.quickstart import run_quickstart

    page = str(run_quickstart(plan, TerminalProgress()))
    show({"page": page}, [page], as_json)


def report(
    folder: Annotated[Path, typer.Argument(help="A folder that train, search, wakeword or quickstart wrote.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report. Default: FOLDER/report.")] = None,
    as_json: Json = False,
) -> None:
    """Write index.html (self-contained), report.md with PNG figures, and the tables as CSV; print the page's path.

    Example: tfkws report artifacts/quickstart
    """
    from tfkws.pipeline.report import write_report

    page = str(write_report(folder, out or folder / "report"))
    show({"page": page}, [page], as_json)
