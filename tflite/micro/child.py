"""The child in which TensorFlow Lite Micro runs a file: `python -m tfkws.tflite.micro.child`.

It reads an .npz on standard input: `model`, the bytes of a file, `inputs`, what its first input is given in one run
after the other, as stored, and `states`, how many further inputs keep what was heard. It writes one to standard output:
`arena_bytes`, the smallest arena in which the file ran, and `outputs`, its first output after each run. A state is
renewed by the output of the same number. What the interpreter itself says goes to standard error; the last lines are
its allocations.
"""

import io
import os
import re
import sys
from typing import Any

import numpy as np

from tfkws.child_processes import end_with_parent
from tfkws.tflite.runtime.native_output import capture_native_output

REFUSED = 3  # exit status: the interpreter's reason is on standard error
MOST_BYTES = 1 << 28  # of an arena; no microcontroller has a hundredth of it
ALIGNMENT = 16  # of an arena, in bytes
TOTAL = re.compile(rb"Arena allocation total (\d+) bytes")


def main() -> int:
    """Run the file that standard input holds; return the exit status."""
    given = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    model = given["model"].tobytes()
    try:
        arena = smallest_arena(model)
        interpreter = opened(model, arena)
        outputs = answers(interpreter, given["inputs"], int(given["states"]))
        interpreter.print_allocations()
    except (RuntimeError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    written = io.BytesIO()
    np.savez(written, arena_bytes=np.int64(arena), outputs=outputs)
    sys.stdout.buffer.write(written.getvalue())
    return 0


def opened(model: bytes, arena_bytes: int) -> Any:
    """Return an interpreter that has run once on what its inputs hold.

    Raises:
        RuntimeError: it lacks an operator or memory, or an operator refuses its tensors.
    """
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
    interpreter.invoke()
    return interpreter


def smallest_arena(model: bytes) -> int:
    """Return the bytes of the smallest arena in which a file is allocated and runs, a multiple of its alignment.

    Planning needs memory for a moment, so that can be more than what is used in the end.

    Raises:
        RuntimeError: it runs in none.
    """
    used = _aligned(_used(model))
    if _fits(model, used):
        return used
    least, enough = used, 2 * used + MOST_BYTES // 1024
    while enough - least > ALIGNMENT:
        middle = _aligned((least + enough) // 2)
        least, enough = (least, middle) if _fits(model, middle) else (middle, enough)
    return enough


def answers(interpreter: Any, inputs: np.ndarray, states: int) -> np.ndarray:
    """Return the first output after each input (n, ...), with so many states handed on between them."""
    interpreter.reset()
    for number in range(1, states + 1):
        details = interpreter.get_input_details(number)
        zero_points = details["quantization_parameters"]["zero_points"]
        zero = zero_points[0] if len(zero_points) else 0
        interpreter.set_input(np.full(details["shape"], zero, details["dtype"]), number)
    found = []
    for each in inputs:
        interpreter.set_input(each, 0)
        interpreter.invoke()
        found.append(np.array(interpreter.get_output(0)))
        for number in range(1, states + 1):
            interpreter.set_input(np.array(interpreter.get_output(number)), number)
    return np.stack(found) if found else np.zeros(0)


def _used(model: bytes) -> int:
    """Return the bytes that are used of an arena without bounds."""
    interpreter = opened(model, MOST_BYTES)
    with capture_native_output() as log:
        interpreter.print_allocations()
        log.seek(0)
        said = log.read()
    total = TOTAL.search(said)
    if total is None:
        raise RuntimeError("the interpreter does not say what its arena holds")
    return int(total[1])


def _fits(model: bytes, arena_bytes: int) -> bool:
    try:
        with capture_native_output():
            opened(model, arena_bytes)
    except RuntimeError:
        return False
    return True


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


if __name__ == "__main__":
    end_with_parent(os.getppid())
    sys.exit(main())
