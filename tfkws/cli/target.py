"""`tfkws target`: the devices that networks are measured on."""

import typer

from tfkws.cli import target_fit

app = typer.Typer(no_args_is_help=True, help="Targets: the devices that networks are measured on.")
app.command("fit")(target_fit.fit)
