"""A file in TensorFlow Lite Micro's own interpreter: the arena that it needs, measured, and its answers.

The interpreter is native code and a file may come from anywhere, so it runs in a child process.
"""

import io
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from tfkws.cost.micro_structures import MicroArena
from tfkws.errors import ConversionError, RuntimeUnavailableError
from tfkws.printable import printable
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.child import REFUSED
from tfkws.tflite.micro.operators import check_for_micro

PACKAGE = "tflite_micro"
SECONDS = 300
_ALLOCATIONS = {
    "maps_bytes": re.compile(r"Arena allocation head (\d+) bytes"),
    "structures_bytes": re.compile(r"Arena allocation tail (\d+) bytes"),
}
_REFUSAL = re.compile(r"Node (\S+) \(number (\d+)f?\) failed to (prepare|invoke) with status")


@dataclass(frozen=True)
class MicroRun:
    """What TensorFlow Lite Micro said of a file, on this machine.

    Attributes:
        arena_bytes: the smallest arena in which it ran: maps, structures, and what planning takes for a moment.
            Pointers have 64 bits here; where they have 32, structures are smaller. Kernels made for a processor
            (ESP-NN, CMSIS-NN) take further memory, which only the device can tell.
        maps_bytes: of it, for maps and scratch; reused by operators that do not run at the same time.
        structures_bytes: of it, for what is kept: tensors, operators, multipliers of channels.
        outputs: the first output after each input, as the file stores it: (n, 1, classes).
    """

    arena_bytes: int
    maps_bytes: int
    structures_bytes: int
    outputs: np.ndarray

    @property
    def arena(self) -> MicroArena:
        """The sizes alone."""
        return MicroArena(self.arena_bytes, self.maps_bytes, self.structures_bytes, measured=True)


def run_on_micro(file: TfliteFile, inputs: np.ndarray | None = None) -> MicroRun:
    """Measure the arena of a file, and answer inputs one after the other.

    Args:
        inputs: (n, *shape of its first input), of the file's own type; None for none.

    Raises:
        ConversionError: an operator is missing, or refuses its tensors; the message names its layer.
        RuntimeUnavailableError: the package tflite-micro is not installed.
    """
    check_for_micro(file.graph, file.name)
    _check_sizes(file)
    check_installed()
    given = np.zeros((0, 1), np.int8) if inputs is None else inputs
    states = len(file.graph.inputs) - 1
    message = io.BytesIO()
    np.savez(message, model=np.frombuffer(file.content, np.uint8), inputs=given, states=np.int64(states))
    command = [sys.executable, "-m", "tfkws.tflite.micro.child"]
    try:
        done = subprocess.run(command, input=message.getvalue(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ConversionError(f"TensorFlow Lite Micro did not answer {file.name} within {SECONDS} s.") from None
    said = done.stderr.decode(errors="replace")
    if done.returncode == REFUSED:
        raise ConversionError(_refusal(file, said))
    if done.returncode != 0:
        raise ConversionError(f"TensorFlow Lite Micro crashed on {file.name} (exit {done.returncode}).")
    answered = np.load(io.BytesIO(done.stdout), allow_pickle=False)
    sizes = {name: _last_number(pattern, said) for name, pattern in _ALLOCATIONS.items()}
    return MicroRun(int(answered["arena_bytes"]), **sizes, outputs=answered["outputs"])


def check_installed() -> None:
    """Refuse to go on without the package.

    Raises:
        RuntimeUnavailableError: tflite-micro is not installed.
    """
    if find_spec(PACKAGE) is None:
        raise RuntimeUnavailableError(
            "The arena is measured by TensorFlow Lite Micro's own interpreter, which is not installed; run "
            "`pip install 'tfkws[micro]'` (Linux on x86-64)."
        )


def _check_sizes(file: TfliteFile) -> None:
    """Refuse maps whose size is left open, which it would plan as one value and then overwrite what lies behind.

    Raises:
        ConversionError: there is one; the message names its layer.
    """
    for op in file.graph.ops:
        written = file.graph.written(op)
        if any(axis > 0 for axis in written.open_axes):
            layer = file.graph.layer_name(op)
            raise ConversionError(
                f"{file.name} leaves the size of what layer {layer!r} writes open, and TensorFlow Lite Micro plans its "
                "memory beforehand; convert the model with a fixed input shape."
            )


def _refusal(file: TfliteFile, said: str) -> str:
    """Say which operator refused what, with the name of its layer."""
    lines = [line for line in said.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if (found := _REFUSAL.match(line)) and int(found[2]) < len(file.graph.ops):
            op = file.graph.ops[int(found[2])]
            reason = lines[number - 1] if number else "it gives no reason"
            layer = file.graph.layer_name(op)
            return (
                f"{file.name}: TensorFlow Lite Micro refuses {op.opcode} of layer {layer!r} "
                f"({_short(reason)}); convert with another recipe, or build that layer of other operators."
            )
    return f"{file.name}: TensorFlow Lite Micro refuses it ({_short(lines[0] if lines else 'it gives no reason')})."


def _short(words: str) -> str:
    return printable(words).strip().rstrip(".")[:200]


def _last_number(pattern: re.Pattern[str], said: str) -> int:
    return int(pattern.findall(said)[-1])
