"""The help lists commands that it does not import, and says of each what the command says of itself."""

import subprocess
import sys
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from tfkws.cli import COMMANDS, app
from tfkws.cli.terminal.late_commands import docstring

PROGRAM: Any = typer.main.get_command(app)


def modules_after(*arguments: str) -> set[str]:
    """The package's modules that a fresh process holds when it has run a command line."""
    code = (
        "import sys\nfrom tfkws.cli import app\n"
        "try: app()\nexcept SystemExit: print(*[name for name in sys.modules if name.startswith('tfkws.')])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_help_imports_no_command_and_no_settings() -> None:
    loaded = modules_after("--help")
    assert "tfkws.cli.terminal.late_commands" in loaded
    assert not loaded & {late.module for late in COMMANDS.values()}
    assert not {name for name in loaded if name.startswith(("tfkws.config", "tfkws.tuner", "tfkws.tflite"))}


def test_a_command_imports_no_other() -> None:
    loaded = modules_after("count", "--help")
    assert loaded & {late.module for late in COMMANDS.values()} == {COMMANDS["count"].module}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_stands_in_the_help_is_what_the_command_says(name: str) -> None:
    shown, real = COMMANDS[name].summarised(name), PROGRAM.commands[name]
    assert shown.help == real.help and len(shown.help or "") > 20
    assert shown.rich_help_panel == real.rich_help_panel
    assert (shown.hidden, shown.deprecated, shown.short_help) == (real.hidden, real.deprecated, real.short_help)


def test_every_command_is_loaded_once_and_an_unknown_one_is_none() -> None:
    assert PROGRAM.commands["models"] is PROGRAM.commands["models"]
    assert PROGRAM.get_command(None, "nothing") is None
    assert list(PROGRAM.commands) == list(COMMANDS) and len(PROGRAM.commands) == len(COMMANDS)


def test_a_slip_of_the_finger_is_answered_without_importing_anything() -> None:
    done = CliRunner().invoke(app, ["evalute"])
    assert done.exit_code == 2 and "Did you mean 'evaluate'?" in done.stderr


def test_a_function_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError):
        docstring("tfkws.cli.terminal.late_commands", "nothing")
