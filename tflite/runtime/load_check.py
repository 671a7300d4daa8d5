"""Load a file from elsewhere in a child process first: a runtime that aborts then costs a sentence, not the process."""

import hashlib
import subprocess
import sys

from tfkws.errors import TfliteFileError

SECONDS = 60
_WORKED, _REFUSED = 0, 3
_PASSED: set[bytes] = set()


def try_in_child(name: str, content: bytes) -> None:
    """Load, allocate and run `content` once on zeros in a child process.

    Raises:
        TfliteFileError: the runtime refused the file, crashed on it or did not come back.
    """
    digest = hashlib.sha256(content).digest()
    if digest in _PASSED:
        return
    verdict = _verdict(content)
    if verdict:
        raise TfliteFileError(f"{name} cannot be run: {verdict}; copy it again or convert the model again.")
    _PASSED.add(digest)


def _verdict(content: bytes) -> str:
    """Return why the file cannot be run, or nothing."""
    command = [sys.executable, "-m", "tfkws.tflite.runtime.load_check"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"the runtime did not answer within {SECONDS} s"
    if done.returncode == _WORKED:
        return ""
    if done.returncode == _REFUSED:
        return f"the runtime refuses it ({done.stdout.decode(errors='replace').strip()[:200]})"
    return f"the runtime crashed on it (exit {done.returncode})"


def _run_once(content: bytes) -> int:
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
        for details in interpreter.get_input_details():
            interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))
        interpreter.invoke()
    except (ValueError, RuntimeError, SystemError, MemoryError) as error:
        sys.stdout.write((str(error) or type(error).__name__).splitlines()[0])
        return _REFUSED
    return _WORKED


if __name__ == "__main__":
    sys.exit(_run_once(sys.stdin.buffer.read()))
