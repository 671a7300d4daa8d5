"""Children that answer lines of JSON over pipes: how they are started, asked and ended, and how they serve.

Each may run by an interpreter and in an environment of its own, so no objects travel. This module imports the standard
library alone.
"""

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

ROOT = Path(__file__).parents[2]
Message = dict[str, Any]
LAST_LINES = 3


class ChildFailedError(Exception):
    """A child raised, ended, or did not answer in time; the message is its last word."""


class Child:
    """A process that is asked one thing after the other.

    Args:
        command: of the process.
        environment: changes of this process' own; None takes a variable away.
        cwd: its working folder.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str | None], cwd: Path = ROOT) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=cwd,
            env=changed(os.environ, environment),
        )
        self._in, self._out = cast(TextIO, self._process.stdin), cast(TextIO, self._process.stdout)

    def ask(self, message: Message, seconds: float) -> Message:
        """Return the answer to a message.

        Raises:
            ChildFailedError: it raised, ended, or took longer than `seconds`.
        """
        self.send(message)
        return self.receive(seconds)

    def send(self, message: Message) -> None:
        """Send a message, whose answer `receive` returns.

        Raises:
            ChildFailedError: it has ended.
        """
        try:
            self._in.write(json.dumps(message) + "\n")
            self._in.flush()
        except OSError:
            raise ChildFailedError("it ended") from None

    def receive(self, seconds: float) -> Message:
        """Return the next answer.

        Raises:
            ChildFailedError: it raised, ended, or took longer than `seconds`.
        """
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            line = self._out.readline()
        finally:
            timer.cancel()
        if not line:
            code = self._process.wait()
            raise ChildFailedError(f"it took longer than {seconds:g} s, or ended with status {code}")
        answer: Message = json.loads(line)
        if "raised" in answer:
            raise ChildFailedError(answer["raised"])
        return answer

    def end(self) -> None:
        """Close its input, upon which it ends; end it where it does not."""
        with suppress(OSError):
            self._in.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()


def changed(environment: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return an environment with changes; None takes a variable away.

    Example:
        >>> changed({"A": "1", "B": "2"}, {"A": None, "C": "3"})
        {'B': '2', 'C': '3'}
    """
    merged = {**environment, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def serve(make: Callable[[], Callable[[Message], Message]]) -> None:
    """Answer each line of standard input by a line on standard output, until the former is closed.

    Whatever else prints to standard output is sent to standard error. An exception is the answer {"raised": ...}.

    Args:
        make: returns what answers; called here, so that an import that fails is an answer too.
    """
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer: Callable[[Message], Message] | None = None
    for line in sys.stdin:
        try:
            answer = answer or make()
            reply = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the parent decides
            traceback.print_exc()
            said = [part for part in str(error).strip().splitlines() if part.strip()][:LAST_LINES]
            reply = {"raised": f"{type(error).__name__}: {' '.join(said)}"}
        out.write(json.dumps(reply) + "\n")
        out.flush()
