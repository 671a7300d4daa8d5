"""The lines of the page are understood by the command line, and say what the record says."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
from wakeword_records import made_up_record

from tfkws.cli import app
from tfkws.report.wakeword.commands import made_by, next_steps

FOLDER = Path("my runs") / "hey_computer"


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    """The command, and what the command line makes of its options; it fails where one is not known."""
    words = shlex.split(line)
    assert words.pop(0) == "tfkws"
    place: Any = typer.main.get_command(app)
    name = ""
    while commands := getattr(place, "commands", None):
        name = words.pop(0)
        place = commands[name]
    return name, dict(place.make_context("", words).params)


def test_the_run_is_that_command_again() -> None:
    name, given = parsed(made_by(FOLDER, made_up_record()).line)
    assert (name, given["phrase"], given["out"]) == ("wakeword", "hey computer", FOLDER)
    assert (given["quick"], given["seed"], given["speech"]) == (True, 3, Path("DIR"))
    assert (given["max_macs"], given["max_arena_kib"], given["max_kib"]) == (3e6, 32, None)


@pytest.mark.parametrize("front_end", ["logmel-40x98", "micro-40x98"])
def test_every_step_can_be_typed(front_end: str) -> None:
    record = made_up_record()
    record["settings"]["front_end"] = front_end
    steps = [parsed(step.line) for step in next_steps(FOLDER, record)]
    assert [name for name, _ in steps[:4]] == ["listen", "listen", "record", "wakeword"]
    again = steps[3][1]
    assert (again["earlier"], again["out"]) == (FOLDER, Path("my runs/hey_computer-again"))
    assert (again["negatives"], again["recordings"]) == (Path("heard"), Path("recordings/hey computer"))
    exports = [given.get("to") for name, given in steps if name == "export"]
    assert exports == (["esphome", "c", "python"] if front_end.startswith("micro") else ["c", "python"])
    anew = [given for name, given in steps[4:] if name == "wakeword"]
    assert [given["front_end"] for given in anew] == ([] if front_end.startswith("micro") else ["micro-40x98"])


def test_what_a_stranger_wrote_is_one_word_and_stays_in_the_folder() -> None:
    record = made_up_record(bundle="../../etc/x.kws")
    record["settings"]["phrase"] = "$(reboot)\x1b[2J"
    steps = list(next_steps(FOLDER, record))
    assert str(FOLDER / "x.kws") in shlex.split(steps[0].line)
    assert shlex.split(steps[3].line)[2] == "$(reboot)\\x1b[2J"
    assert "\x1b" not in "".join(step.line for step in steps)
