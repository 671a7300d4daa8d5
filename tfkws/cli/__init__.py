"""The command line: one file a command, heavy imports inside the functions."""

import typer

from tfkws.cli import doctor
from tfkws.cli.one_sentence import OneSentenceErrors

app = typer.Typer(
    cls=OneSentenceErrors,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Find, train, convert, profile and run keyword-spotting networks for small CPUs.",
)
app.command("doctor")(doctor.doctor)
