"""Waiting for a program of a device whose output nobody vouches for: it is read as it comes, and up to a bound."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

from tfkws.errors import TargetError

MAX_OUTPUT_BYTES = 1 << 26  # of each stream; the samples of a million runs are far below
BLOCK_BYTES = 1 << 16
POLL_S = 0.05
CLOSE_S = 2.0


def flooded(target: str) -> str:
    """Return the sentence that a device answers without an end."""
    return f"{target} answers more than {MAX_OUTPUT_BYTES >> 20} MiB; it prints without an end."


def communicate(
    process: "subprocess.Popen[bytes]", stdin: bytes, seconds: float, target: str, end: Callable[[], None]
) -> tuple[bytes, bytes]:
    """Give a process its input and return what it says on stdout and stderr, as `Popen.communicate` does.

    Args:
        end: kills the process and what it started; called where it does not end by itself.

    Raises:
        TargetError: it says more than `MAX_OUTPUT_BYTES` on one of them.
        subprocess.TimeoutExpired: it did not end within `seconds`.
    """
    streams = [bytearray(), bytearray()]
    threads = [threading.Thread(target=_write, args=(process.stdin, stdin), daemon=True)]
    for pipe, taken in zip((process.stdout, process.stderr), streams, strict=True):
        threads.append(threading.Thread(target=_read, args=(pipe, taken), daemon=True))
    for thread in threads:
        thread.start()
    try:
        _wait(process, threads[1:], streams, seconds, target)
    except BaseException:
        end()
        raise
    finally:
        _close(process, threads)
    return bytes(streams[0]), bytes(streams[1])


def _wait(
    process: "subprocess.Popen[bytes]", readers: Sequence[threading.Thread], streams: Sequence[bytearray],
    seconds: float, target: str,
) -> None:  # fmt: skip
    ends = time.monotonic() + seconds
    while any(reader.is_alive() for reader in readers):
        for reader in readers:
            reader.join(POLL_S)
        if any(len(taken) > MAX_OUTPUT_BYTES for taken in streams):
            raise TargetError(flooded(target))
        if time.monotonic() > ends:
            raise subprocess.TimeoutExpired(process.args, seconds)
    if any(len(taken) > MAX_OUTPUT_BYTES for taken in streams):
        raise TargetError(flooded(target))
    process.wait(max(0.0, ends - time.monotonic()))


def _close(process: "subprocess.Popen[bytes]", threads: Sequence[threading.Thread]) -> None:
    """Close the pipes; one that a thread still waits for stays open, since closing it would wait too."""
    for thread, pipe in zip(threads, (process.stdin, process.stdout, process.stderr), strict=True):
        thread.join(CLOSE_S)
        if pipe is not None and not thread.is_alive():
            with suppress(OSError):
                pipe.close()


def _write(pipe: IO[bytes] | None, content: bytes) -> None:
    if pipe is not None:
        with suppress(OSError, ValueError):
            pipe.write(content)
        with suppress(OSError, ValueError):
            pipe.close()


def _read(pipe: IO[bytes] | None, taken: bytearray) -> None:
    """Read to the end, or until it is too much; then the process waits for a reader that does not come."""
    if pipe is not None:
        with suppress(OSError, ValueError):
            while len(taken) <= MAX_OUTPUT_BYTES and (block := os.read(pipe.fileno(), BLOCK_BYTES)):
                taken += block
