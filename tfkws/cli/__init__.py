"""The command line: one file a command, heavy imports inside the functions."""

import logging
import os
from typing import Annotated

import typer

from tfkws import __version__
from tfkws.cli import data, doctor, models, over_air, quickstart, target
from tfkws.cli.deploy import bundle, convert, listen, serve
from tfkws.cli.learn import compress, evaluate, search, train
from tfkws.cli.measure import benchmark, count, profile
from tfkws.cli.terminal.arguments import renamed
from tfkws.cli.terminal.errors import OneSentenceErrors
from tfkws.cli.terminal.output import print_text

# TensorFlow's C++ side tells a page about CPUs and GPUs at start-up; `tfkws doctor` tells what matters of it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow warns of functions that it traces again, which conversion and compression do on purpose.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
# The front end's small products run beside TensorFlow's threads; more threads of their own only get in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Titles in `tfkws --help`, one for each folder of commands.
LEARN = "Train and search"
DEPLOY = "For a device"
MEASURE = "Measure"

app = typer.Typer(
    cls=OneSentenceErrors,
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


# Commands with options that had other names.
MODELS = renamed({"--out": "--models"})
CONVERT = renamed({"--input": "--input-kind"}, convert.QuantizeAlone)

app.command("quickstart")(quickstart.quickstart)
app.command("doctor")(doctor.doctor)
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.command("report")(quickstart.report)
app.command("train", cls=MODELS, rich_help_panel=LEARN)(train.train)
app.command("evaluate", rich_help_panel=LEARN)(evaluate.evaluate)
app.command("compress", cls=MODELS, rich_help_panel=LEARN)(compress.compress)
app.command("search", rich_help_panel=LEARN)(search.search)
app.command("convert", cls=CONVERT, rich_help_panel=DEPLOY)(convert.convert)
app.add_typer(bundle.bundle, name="bundle", rich_help_panel=DEPLOY)
app.command("listen", rich_help_panel=DEPLOY)(listen.listen)
app.command("serve", rich_help_panel=DEPLOY)(serve.serve)
app.command("benchmark", rich_help_panel=MEASURE)(benchmark.benchmark)
app.command("count", rich_help_panel=MEASURE)(count.count)
app.add_typer(over_air.app, name="over-air", rich_help_panel=MEASURE)
app.add_typer(profile.app, name="profile", rich_help_panel=MEASURE)
app.command("compare", rich_help_panel=MEASURE)(profile.compare)
app.add_typer(target.app, name="target", rich_help_panel=MEASURE)
