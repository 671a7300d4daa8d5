"""What `tfkws` alone, `-h` and `--version` print."""

import pytest
from typer.testing import CliRunner

import tfkws
from tfkws.cli import app


def test_the_version_is_that_of_the_package() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"tfkws {tfkws.__version__}\n")


def test_the_name_alone_prints_the_help() -> None:
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 0
    assert "quickstart" in done.stdout and "Usage" in done.stdout


@pytest.mark.parametrize("command", [[], ["train"], ["data", "check"], ["profile"], ["profile", "layers"]])
def test_every_command_has_the_short_help(command: list[str]) -> None:
    short, long = (CliRunner().invoke(app, [*command, option]) for option in ("-h", "--help"))
    assert short.exit_code == 0
    assert short.stdout == long.stdout


def test_what_the_package_shows_is_listed() -> None:
    assert {"Detector", "__version__"} <= set(dir(tfkws))
