"""Starting a program when a word is heard: a list of arguments, no shell."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from tfkws.detect.live.ear import Heard
from tfkws.errors import ConfigError

AT_ONCE = 4
STANDARD_ERROR = 2  # its file descriptor


class OnDetect:
    """Starts a command for each detection, and waits for none of them.

    In its arguments `{label}`, `{score}` and `{time}` are replaced; the same are in the environment as TFKWS_LABEL,
    TFKWS_SCORE and TFKWS_TIME. What it prints goes to standard error.

    Args:
        command: program and arguments, quoted as for a shell.

    Attributes:
        left_out: detections for which nothing was started, since four were still running or the start failed.

    Raises:
        ConfigError: the command is empty, badly quoted, or its program is not found.
    """

    def __init__(self, command: str) -> None:
        self._arguments = _arguments(command)
        self._running: list[subprocess.Popen[bytes]] = []
        self.left_out = 0

    def start(self, heard: Heard) -> None:
        """Start the command for a detection."""
        self._running = [process for process in self._running if process.poll() is None]
        if len(self._running) >= AT_ONCE:
            self.left_out += 1
            return
        values = {
            "label": heard.detection.label,
            "score": f"{heard.detection.score:.3f}",
            "time": f"{heard.detection.time_s:.3f}",
        }
        try:
            self._running.append(_start(self._arguments, values))
        except OSError:
            self.left_out += 1

    def wait(self, timeout_s: float) -> None:
        """Give what still runs some time to end."""
        for process in self._running:
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                continue


def _start(arguments: Sequence[str], values: dict[str, str]) -> "subprocess.Popen[bytes]":
    filled = [_filled(argument, values) for argument in arguments]
    told = {f"TFKWS_{name.upper()}": value for name, value in values.items()}
    return subprocess.Popen(filled, stdin=subprocess.DEVNULL, stdout=STANDARD_ERROR, env=os.environ | told)


def _filled(argument: str, values: dict[str, str]) -> str:
    """Put the values in the places of their names; other braces stay."""
    for name, value in values.items():
        argument = argument.replace(f"{{{name}}}", value)
    return argument


def _arguments(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"--on-detect {command!r} is badly quoted ({error}).") from error
    if not arguments or shutil.which(arguments[0]) is None:
        name = arguments[0] if arguments else ""
        raise ConfigError(f"--on-detect needs a program that can be run. Received {name!r}; give its full path.")
    return arguments
