"""The command line: one file a command, heavy imports inside the functions."""

import os

import typer

from tfkws.cli import data, doctor, models, quickstart, report
from tfkws.cli.deploy import bundle, convert
from tfkws.cli.learn import compress, evaluate, search, train
from tfkws.cli.measure import benchmark, compare, count, profile
from tfkws.cli.target import app as target
from tfkws.cli.terminal.errors import OneSentenceErrors

# TensorFlow's C++ side tells a page about CPUs and GPUs at start-up; `tfkws doctor` tells what matters of it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The front end's small products run beside TensorFlow's threads; more threads of their own only get in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(
    cls=OneSentenceErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Find, train, convert, profile and run keyword-spotting networks for small CPUs.",
)
app.command("quickstart")(quickstart.quickstart)
app.command("doctor")(doctor.doctor)
app.add_typer(data.app, name="data")
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("compress")(compress.compress)
app.command("convert", cls=convert.QuantizeAlone)(convert.convert)
app.command("benchmark")(benchmark.benchmark)
app.command("count")(count.count)
app.add_typer(profile.app, name="profile")
app.command("compare")(compare.compare)
app.add_typer(bundle.bundle, name="bundle")
app.command("search")(search.search)
app.add_typer(models.app, name="models")
app.command("report")(report.report)
app.add_typer(target.app, name="target")
