"""A command that runs while something is timed, such as one that holds the lock of a shared machine."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held(command: str) -> Iterator[None]:
    """Start a command, wait for its first line of output, and close its input when the work is done.

    Args:
        command: with its arguments, as for a shell; "" for none. It should end when its input is closed.
    """
    if not command:
        yield
        return
    with subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is not None:
            process.stdout.readline()
        yield
        if process.stdin is not None:
            process.stdin.close()
        process.wait()
