"""Keep the listings that native code prints away from the terminal, and at hand for an error message.

Pushed to devices too, so it must run on Python 3.9.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def capture_native_output() -> Iterator[IO[bytes]]:
    """Send file descriptors 1 and 2 to a temporary file; they come back in any case.

    Yields:
        The file, opened for bytes.

    Example:
        >>> with capture_native_output() as log:
        ...     _ = os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.")
        ...     _ = log.seek(0)
        ...     said = log.read()
        >>> said.decode()
        'INFO: Created TensorFlow Lite XNNPACK delegate for CPU.'
    """
    with tempfile.TemporaryFile() as log:
        _flush()
        saved = {1: os.dup(1), 2: os.dup(2)}
        try:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            yield log
        finally:
            _flush()
            for descriptor, copy in saved.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
