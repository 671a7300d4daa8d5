"""`tfkws target`: the devices that networks are measured on."""

import typer

from tfkws.cli.target.check import check
from tfkws.cli.target.fit import fit
from tfkws.cli.target.list import list_targets
from tfkws.cli.target.setup import setup

app = typer.Typer(no_args_is_help=True, help="Targets: the devices that networks are measured on.")
app.command("list")(list_targets)
app.command("check")(check)
app.command("setup")(setup)
app.command("fit")(fit)
