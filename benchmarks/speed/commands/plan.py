"""The commands that are timed, from the interpreter alone to an evaluation."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.checkouts import Checkout
from benchmarks.speed.searches.plan import WORDS


@dataclass(frozen=True)
class Inputs:
    """What the commands work on.

    Attributes:
        data: folder of clips; None leaves out the commands that need one.
        model: trained model folder.
        few: folder of a handful of those clips, by which the start of an evaluation is timed.
        work: folder for what they write.
    """

    data: Path | None
    model: Path
    few: Path
    work: Path


@dataclass(frozen=True)
class TimedCommand:
    """One command.

    Attributes:
        name: on the page.
        line: makes the command line, run in `Checkout.staged`.
        needs_data: whether it needs clips.
        once: whether it is run once a checkout, for its memory, and not in rounds.
        statuses: with which it may end.
    """

    name: str
    line: Callable[[Checkout, Inputs], list[str]]
    needs_data: bool = False
    once: bool = False
    statuses: tuple[int, ...] = (0,)


def _evaluate(checkout: Checkout, inputs: Inputs, data: Path | None) -> list[str]:
    return checkout.command("evaluate", str(inputs.model), "--data", str(data), "--json")


def train(checkout: Checkout, inputs: Inputs, iterations: int, out: Path) -> list[str]:
    """Return the command line that trains kws10 by the recipe `best`."""
    task = ["--data", str(inputs.data), "--task", "commands", "--words", WORDS, "--recipe", "best"]
    return checkout.command("train", *task, "--model", "kws10", "--iterations", str(iterations), "--out", str(out))


def _search(checkout: Checkout, inputs: Inputs) -> list[str]:
    task = ["--data", str(inputs.data), "--task", "commands", "--words", WORDS, "--recipe", "best"]
    length = ["--stages", "4", "--iterations", "100", "--fine-tune", "0", "--max-macs", "1e7"]
    out = str(inputs.work / f"search-{checkout.name}")
    return checkout.command("search", *task, *length, "--out", out)


INTERPRETER, IMPORT, EVALUATE, EVALUATE_FEW = "python", "import tfkws", "tfkws evaluate", "tfkws evaluate, few clips"
TRAIN, SEARCH = "tfkws train, 100 iterations of kws10", "tfkws search, 4 candidates of 100 iterations"
COMMANDS = (
    TimedCommand(INTERPRETER, lambda checkout, inputs: [sys.executable, "-c", "pass"]),
    TimedCommand(IMPORT, lambda checkout, inputs: [sys.executable, "-c", "import tfkws"]),
    TimedCommand("tfkws --help", lambda checkout, inputs: checkout.command("--help")),
    TimedCommand("tfkws doctor", lambda checkout, inputs: checkout.command("doctor"), statuses=(0, 1)),
    TimedCommand(EVALUATE_FEW, lambda checkout, inputs: _evaluate(checkout, inputs, inputs.few), needs_data=True),
    TimedCommand(EVALUATE, lambda checkout, inputs: _evaluate(checkout, inputs, inputs.data), needs_data=True),
    TimedCommand(
        TRAIN,
        lambda checkout, inputs: train(checkout, inputs, 100, inputs.work / f"train-{checkout.name}"),
        needs_data=True,
        once=True,
    ),
    TimedCommand(SEARCH, _search, needs_data=True, once=True),
)
