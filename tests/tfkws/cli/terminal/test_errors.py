"""Every failure that can be expected leaves as one sentence on stderr with exit code 1."""

import errno

import pytest
import typer
from typer.testing import CliRunner

from tfkws.cli.terminal.errors import OneSentenceErrors
from tfkws.errors import DataError

app = typer.Typer(cls=OneSentenceErrors, pretty_exceptions_enable=False)


@app.command()
def fail(kind: str) -> None:
    """Fail in the way asked for."""
    raise {
        "ours": DataError("The folder is\n   empty; give another."),
        "full": OSError(errno.ENOSPC, "No space left on device", "model.keras"),
        "large": OSError(errno.EFBIG, "File too large", "checkpoint.npz"),
        "denied": PermissionError(errno.EACCES, "Permission denied", "/secret"),
        "ctrl-c": KeyboardInterrupt(),
        "memory": MemoryError(),
        "bug": ZeroDivisionError("a bug"),
    }[kind]


@app.command()
def other() -> None:
    """Make `app` a group."""


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("ours", "Error: The folder is empty; give another."),
        ("full", "Error: The disk is full (model.keras); free some space"),
        ("large", "Error: The file would be larger than the limit on file sizes here (checkpoint.npz); raise it"),
        ("denied", "Error: Permission denied (/secret); check that"),
        ("ctrl-c", "Error: Interrupted; finished stages are kept"),
        ("memory", "Error: Out of memory; use a smaller model"),
    ],
)
def test_expected_failures(kind: str, sentence: str) -> None:
    result = CliRunner().invoke(app, ["fail", kind])
    assert result.exit_code == (130 if kind == "ctrl-c" else 1)
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_bug_stays_a_traceback() -> None:
    result = CliRunner().invoke(app, ["fail", "bug"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_wrong_usage_exits_2() -> None:
    assert CliRunner().invoke(app, ["fail"]).exit_code == 2
