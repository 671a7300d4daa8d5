"""A base install: every command that needs more says in one sentence which extra brings it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tfkws.cli import app
from tfkws.cli.terminal.missing_packages import extra_of, import_sentence
from tfkws.doctor import EXTRAS

BLOCKED = (
    "keras",
    "tensorflow",
    "keras_tuner",
    "matplotlib",
    "scipy",
    "sklearn",
    "optuna",
    "pandas",
    "asyncssh",
    "ray",
)
BLOCKER = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
from tfkws.cli import app
"""
ONE_LINE = "app()"
EVERY_HELP = """
import json
from typer.testing import CliRunner
runner = CliRunner()
for command in json.loads(sys.argv[1]):
    done = runner.invoke(app, [*command, "--help"])
    print(json.dumps([done.exit_code, done.stdout, done.stderr, repr(done.exception)]))
"""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, child in getattr(command, "commands", {}).items():
        yield from leaves(child, (*path, name))
    if not getattr(command, "commands", None):
        yield path


COMMANDS = sorted(leaves(typer.main.get_command(app)))


def run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", BLOCKER + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def explained() -> dict[tuple[str, ...], list[Any]]:
    """What each command answers to --help: code, output, errors, exception. One process: what fails to load is loaded
    again by the next."""
    done = run(EVERY_HELP, json.dumps(COMMANDS))
    assert done.returncode == 0, done.stderr
    return dict(zip(COMMANDS, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_without_the_extras(
    command: tuple[str, ...], explained: dict[tuple[str, ...], list[Any]]
) -> None:
    code, output, errors, exception = explained[command]
    assert code == 0, errors + exception
    assert f"tfkws {' '.join(command)}" in " ".join(output.split()) or " ".join(command) in output


def needing(folder: Path) -> list[tuple[list[str], str]]:
    """Lines for commands that need an extra at once, and the extra."""
    (folder / "config.json").write_text("{}")
    return [
        (["models", "show", "kws10"], "train"),
        (["profile", "layers", "kws10"], "train"),
        (["target", "check", "ssh://nobody@127.0.0.1:1"], "devices"),
    ]


def test_what_needs_an_extra_names_it(tmp_path: Path) -> None:
    for line, extra in needing(tmp_path):
        done = run(ONE_LINE, *line)
        assert done.returncode == 1, f"{line}: {done.stdout}{done.stderr}"
        assert re.search(rf"pip install 'tfkws\[{extra}\]'", done.stderr), f"{line}: {done.stderr}"
        assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("package", EXTRAS)
def test_the_doctor_and_the_sentence_name_the_same_extra(package: str) -> None:
    if sys.version_info >= (3, 12) and package in ("tensorflow-io", "tflite-runtime"):
        return
    assert extra_of(package.replace("-", "_")) == EXTRAS[package]


def test_faults_of_our_own_stay_tracebacks() -> None:
    assert not import_sentence(ImportError("cannot import name 'x' from 'tfkws.y'", name="tfkws.y"))
    assert not import_sentence(ModuleNotFoundError("No module named 'tfkws.x'", name="tfkws.x"))


def test_an_installed_package_that_does_not_load_is_one_for_the_doctor() -> None:
    error = ImportError("libfoo.so.1: cannot open shared object file", name="tensorflow.python")
    assert import_sentence(error).startswith("tensorflow is installed and does not load (libfoo.so.1: cannot open")
