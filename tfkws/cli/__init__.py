"""The command line: one file a command, heavy imports inside the functions."""

import logging
import os
from typing import Annotated

import typer

from tfkws import __version__, lean_imports
from tfkws.cli.terminal.errors import OneSentenceErrors
from tfkws.cli.terminal.late_commands import Late, LateGroup
from tfkws.cli.terminal.output import print_text

# TensorFlow's C++ side tells a page about CPUs and GPUs at start-up; `tfkws doctor` tells what matters of it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow warns of functions that it traces again, which conversion and compression do on purpose.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
# The front end's small products run beside TensorFlow's threads; more threads of their own only get in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# TensorFlow and Keras are imported in half the time, here and in processes that are spawned from here.
lean_imports.install()

# Titles in `tfkws --help`, one for each folder of commands.
LEARN = "Train and search"
DEPLOY = "For a device"
MEASURE = "Measure"

# The commands, as the help lists them. Each is imported when it is asked for.
COMMANDS = {
    "quickstart": Late("tfkws.cli.quickstart"),
    "doctor": Late("tfkws.cli.doctor"),
    "report": Late("tfkws.cli.quickstart"),
    "data": Late("tfkws.cli.data"),
    "models": Late("tfkws.cli.models"),
    "wakeword": Late("tfkws.cli.learn.wakeword", LEARN),
    "train": Late("tfkws.cli.learn.train", LEARN),
    "evaluate": Late("tfkws.cli.learn.evaluate", LEARN),
    "compress": Late("tfkws.cli.learn.compress", LEARN),
    "search": Late("tfkws.cli.learn.search", LEARN),
    "convert": Late("tfkws.cli.deploy.convert", DEPLOY),
    "export": Late("tfkws.cli.deploy.export", DEPLOY),
    "listen": Late("tfkws.cli.deploy.listen", DEPLOY),
    "serve": Late("tfkws.cli.deploy.serve", DEPLOY),
    "bundle": Late("tfkws.cli.deploy.bundle", DEPLOY),
    "benchmark": Late("tfkws.cli.measure.benchmark", MEASURE),
    "count": Late("tfkws.cli.measure.count", MEASURE),
    "compare": Late("tfkws.cli.measure.profile", MEASURE),
    "over-air": Late("tfkws.cli.over_air", MEASURE),
    "profile": Late("tfkws.cli.measure.profile", MEASURE),
    "target": Late("tfkws.cli.target", MEASURE),
}


class Commands(OneSentenceErrors, LateGroup):
    """The program: its commands, whose failures are one sentence."""

    table = COMMANDS


app = typer.Typer(
    cls=Commands,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def tfkws(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Find, train, convert, profile and run keyword-spotting networks for small CPUs."""
    if version:
        print_text(f"tfkws {__version__}")
    elif context.invoked_subcommand is None:
        print_text(context.get_help())
