"""`tfkws report`: one self-contained page of everything under a folder."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(help="A folder that train, search or quickstart wrote.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report. Default: FOLDER/report.")] = None,
) -> None:
    """Write index.html (self-contained), report.md with PNG figures, and the tables as CSV; print the page's path.

    Example: tfkws report artifacts/quickstart
    """
    from tfkws.pipeline.report import write_report

    typer.echo(write_report(folder, out or folder / "report"))
