"""Signals end a command with their code and a word, even where a library swallows the exception."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# A command that is interrupted in the middle: `WORK` runs while it is, and `HANDLED` stands around that.
PROGRAM = """
import os, signal, sys, time, typer
from tfkws.cli.terminal.errors import OneSentenceErrors
app = typer.Typer(cls=OneSentenceErrors, pretty_exceptions_enable=False)
me = os.getpid()
def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)
class Callback:
    def __del__(self):
        os.kill(me, signal.SIG%s)
@app.command()
def work(kind: str, seconds: float):  # how long it works, and clears away, where nothing interrupts it
    if kind == "plain":
        os.kill(me, signal.SIG%s); wait(seconds)
    if kind == "except":
        try:
            os.kill(me, signal.SIG%s); wait(seconds)
        except BaseException:
            pass
        wait(seconds)
    if kind == "unraisable":
        Callback()
        wait(seconds)
    if kind == "other":
        try:
            os.kill(me, signal.SIG%s); wait(seconds)
        except BaseException as error:
            raise RuntimeError("in user code") from error
    if kind == "cleanup":
        try:
            os.kill(me, signal.SIG%s); wait(seconds)
        finally:
            wait(0.3 * seconds)
            print("cleared away", flush=True)
    print("went on")
@app.command()
def other(): ...
app()
"""
NAMES = ("INT", "TERM", "HUP")
WORDS = {"INT": "Interrupted", "TERM": "Terminated", "HUP": "Hung up"}
CODES = {"INT": 130, "TERM": 143, "HUP": 129}

# Becomes another program with its signals set; a fork of the tests' own process would be one of many threads.
BEGIN = f"""
import os, signal, sys
for name in {NAMES}:
    signal.signal(getattr(signal, "SIG" + name), getattr(signal, sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""


def run(name: str, kind: str, *, ignored: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run the program with default signals, whatever the shell of the tests ignores."""
    code, seconds = PROGRAM.replace("%s", name), "1" if ignored else "5"  # twice the time to the second try
    program = [sys.executable, "-c", code, "work", kind, seconds]
    return subprocess.run(
        [sys.executable, "-c", BEGIN, "SIG_IGN" if ignored else "SIG_DFL", *program],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["plain", "except", "unraisable", "other"])
def test_a_signal_ends_the_command_with_its_code_and_a_word(name: str, kind: str) -> None:
    done = run(name, kind)
    assert (done.returncode, done.stdout) == (CODES[name], ""), done.stderr
    assert done.stderr.startswith(f"Error: {WORDS[name]}; finished stages are kept")
    assert done.stderr.count("\n") == 1


def test_what_is_cleared_away_meanwhile_is_not_interrupted_again() -> None:
    done = run("INT", "cleanup")
    assert (done.returncode, done.stdout) == (130, "cleared away\n"), done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_signals_that_the_shell_ignores_stay_ignored(name: str) -> None:
    done = run(name, "cleanup", ignored=True)
    assert (done.returncode, done.stdout) == (0, "cleared away\nwent on\n")


def test_a_real_command_ends_by_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tfkws", "quickstart", "--out", str(tmp_path / "out")]
    quiet = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}  # the command sets it
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=quiet
    ) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert "1. " in first
    assert process.returncode == 143
    assert "Error: Terminated" in rest
    assert "Traceback" not in rest
