"""The load check: a file from elsewhere is loaded in a child process first, so that a runtime that aborts ends that.

`python -m tfkws.tflite.runtime.load_check` is the child: it reads the file on stdin and answers by its exit code.
"""

import hashlib
import re
import subprocess
import sys
from typing import Any

import numpy as np

from tfkws.errors import TfliteFileError
from tfkws.tflite.runtime.bare import build_interpreter

SECONDS = 60
_UNKNOWN_OPERATOR = re.compile(r"unresolved custom op: ([^\s.]+)")
_LOADED = 0
_REFUSED = 3
# Digests of the contents that loaded. One memory for the whole process on purpose: a file is opened many times in a
# conversion or a benchmark, its content decides the outcome, and a child process costs half a second each time.
_PASSED: set[bytes] = set()


def check_that_it_loads(name: str, content: bytes) -> None:
    """Load, allocate and run `content` once on zeros in a child process, unless this process has done so before.

    Args:
        name: of the file, for the message.

    Raises:
        TfliteFileError: the runtime refused the file, crashed on it or did not come back.
    """
    digest = hashlib.sha256(content).digest()
    if digest in _PASSED:
        return
    complaint = _complaint(content)
    if complaint:
        raise TfliteFileError(f"{name} cannot be run: {complaint}; {_mend(complaint)}.")
    _PASSED.add(digest)


def _mend(complaint: str) -> str:
    """Return what to do; a file with an operator that the runtime lacks is sound, and another copy is no help."""
    unknown = _UNKNOWN_OPERATOR.search(complaint)
    if unknown:
        return (
            f"{unknown[1]!r} is no operator of the runtime's own: convert the model with operators of TensorFlow Lite "
            "alone, or run it where that operator was added"
        )
    return "copy it again or convert the model again"


def _complaint(content: bytes) -> str:
    """Return why the file cannot be run, or nothing."""
    command = [sys.executable, "-m", "tfkws.tflite.runtime.load_check"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"the runtime did not answer within {SECONDS} s"
    if done.returncode == _LOADED:
        return ""
    if done.returncode == _REFUSED:
        return f"the runtime refuses it ({_printable(done.stdout)})"
    return f"the runtime crashed on it (exit {done.returncode})"


def _printable(words: bytes) -> str:
    """Return a runtime's own words without control codes, which names in a file may hold."""
    return "".join(letter for letter in words.decode(errors="replace").strip() if letter.isprintable())[:200]


def _load_and_run_once(content: bytes) -> int:
    try:
        interpreter = build_interpreter("the file", content, 1, "xnnpack", "litert", outlets=0)
        for details in interpreter.get_input_details():
            interpreter.set_tensor(details["index"], _zeros(details["shape"], np.dtype(details["dtype"])))
        interpreter.invoke()
    except (TfliteFileError, ValueError, RuntimeError, SystemError, MemoryError) as error:
        reason = error.__cause__ or error  # the runtime's own words
        sys.stdout.write((str(reason) or type(reason).__name__).splitlines()[0])
        return _REFUSED
    return _LOADED


def _zeros(shape: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    return np.full(shape, b"") if dtype.kind in "SUO" else np.zeros(shape, dtype)


if __name__ == "__main__":
    sys.exit(_load_and_run_once(sys.stdin.buffer.read()))
