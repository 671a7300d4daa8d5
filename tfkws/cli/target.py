"""`tfkws target`: the devices that networks are measured on."""

import typer

from tfkws.cli import target_check, target_fit, target_list, target_setup

app = typer.Typer(no_args_is_help=True, help="Targets: the devices that networks are measured on.")
app.command("list")(target_list.list_targets)
app.command("check")(target_check.check)
app.command("setup")(target_setup.setup)
app.command("fit")(target_fit.fit)
