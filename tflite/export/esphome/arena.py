"""The memory that a file asks for on a device: measured by TensorFlow Lite Micro's own interpreter, or estimated."""

from dataclasses import dataclass

from tfkws.errors import RuntimeUnavailableError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import run_on_micro

ALIGNMENT = 16
# On an ESP32 the kernels of ESP-NN take memory besides, which only the device can tell. microWakeWord's four published
# files ask for 1.08 to 1.33 times what the interpreter measures here.
FOR_KERNELS = 1.35
# Of those four files and three of ours: structures take 260 to 380 bytes an operator, with pointers of 64 bits.
BYTES_AN_OPERATOR = 420


@dataclass(frozen=True)
class Arena:
    """What a file asks for.

    Attributes:
        asked_bytes: for the manifest: measured or estimated, and what kernels of a processor may take besides.
        measured_bytes: None where it is estimated.
    """

    asked_bytes: int
    measured_bytes: int | None


def arena_of(file: TfliteFile) -> Arena:
    """Measure the arena of a file, or estimate it where the package tflite-micro is not installed.

    Raises:
        ConversionError: TensorFlow Lite Micro refuses it.
    """
    try:
        measured = run_on_micro(file).arena_bytes
    except RuntimeUnavailableError:
        return Arena(_aligned(FOR_KERNELS * estimated_bytes(file)), None)
    return Arena(_aligned(FOR_KERNELS * measured), measured)


def estimated_bytes(file: TfliteFile) -> int:
    """Return about what the structures of the operators, all states twice, and the largest maps take."""
    graph = file.graph
    states = [graph.written(op).size_bytes for op in graph.ops if op.opcode == "READ_VARIABLE"]
    largest = max((graph.written(op).size_bytes for op in graph.ops if op.outputs), default=0)
    return BYTES_AN_OPERATOR * len(graph.ops) + 2 * sum(states) + 3 * largest


def _aligned(size: float) -> int:
    return int(-(-size // ALIGNMENT)) * ALIGNMENT
