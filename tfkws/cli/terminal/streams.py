"""The two outputs of a command as they may be found: closed, full, read no longer, or of a narrow encoding."""

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from tfkws.errors import TfkwsError


class OutputError(TfkwsError):
    """What was to be printed cannot be written."""


class ReaderLeft(BrokenPipeError):
    """Whoever read the output has gone, as in `| head -1`."""


def open_streams() -> None:
    """Open whatever of the first three descriptors is closed, and let no character of a text fail for its encoding.

    Otherwise the next file that is opened would take the descriptor, and receive what libraries print there.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _usable(sys.stdout)
    sys.stderr = _usable(sys.stderr)


def _usable(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the program
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def holds_unicode(stream: TextIO) -> bool:
    """Return whether any character can be written to a stream as itself."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def write_out(text: str) -> None:
    """Write to stdout, at once.

    Raises:
        ReaderLeft: nobody reads it any more.
        OutputError: it cannot be written, as on a full device.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
        raise ReaderLeft from None
    except OSError as error:
        _silence(sys.stdout)
        raise OutputError(unprintable(error)) from None


def unprintable(error: OSError) -> str:
    """Return what to tell of an output that cannot be written."""
    reason = error.strerror or str(error)
    return f"The output could not be printed ({reason}); what the command keeps in files is there all the same."


def write_err(text: str) -> None:
    """Write to stderr; where that cannot be written, the work goes on without."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence_stderr()


def silence_stderr() -> None:
    """Let nothing more be written to stderr."""
    _silence(sys.stderr)


def flush_last() -> None:
    """Write what is left in the buffer of stdout; nothing where nobody reads it.

    Raises:
        OutputError: it cannot be written.
    """
    with suppress(ReaderLeft):
        write_out("")


def _silence(stream: Any) -> None:
    """Lead a stream to nowhere, so that what its buffer still holds does not fail again at the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
