"""`tfkws export`: a bundle in the form that a device or another program takes."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json
from tfkws.config import ExportSettings


@options_of(ExportSettings)
def export(
    bundle: Annotated[Path, typer.Argument(help="A .kws file.")],
    settings: ExportSettings,
    out: Annotated[Path | None, typer.Option(help="Folder to write. Default: <bundle>-<form> beside it.")] = None,
    force: Annotated[bool, typer.Option(help="Replace an earlier export.")] = False,
    as_json: Json = False,
) -> None:
    """Write one folder that a device or another program takes: model, settings, golden vectors, README.

    Example: tfkws export kws10-int8.kws --to python
    """
    from tfkws.cli.terminal.output import say, show, waiting
    from tfkws.pipeline.export import export_bundle
    from tfkws.views.exports import export_tables

    with waiting(f"Exporting {bundle} ..."):
        done = export_bundle(bundle, settings, out, force)
    show({"folder": str(done.path), **done.record}, [str(done.path), *export_tables(done.record)], as_json)
    say(f"Next: cd {shlex.quote(str(done.path))} && {done.next}")
