"""The arena of a file on a microcontroller: measured by TensorFlow Lite Micro, or estimated where it is not installed.

Whatever limits an arena goes by this one function: `--for micro`, exports, and the network of a wake word.
"""

from tfkws.cost.micro_structures import MicroArena, estimated_arena
from tfkws.errors import ConversionError, RuntimeUnavailableError
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import run_on_micro
from tfkws.tflite.micro.variables import states_inside
from tfkws.units import format_bytes


def as_on_micro(file: TfliteFile) -> TfliteFile:
    """Return a file as a device is given it: in one piece, and what it remembers in variables of its own.

    Raises:
        TfliteFileError: it is damaged.
    """
    keeps_states = 1 < len(file.graph.inputs) == len(file.graph.outputs)
    return compacted(states_inside(file) if keeps_states else file)


def arena_of(file: TfliteFile) -> MicroArena:
    """Measure the arena of a file as a device is given it; without the package tflite-micro it is estimated.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run it; the message names the layer.
    """
    given = as_on_micro(file)
    try:
        return run_on_micro(given).arena
    except RuntimeUnavailableError:
        return estimated_arena(given.graph)


def check_arena(arena: MicroArena, max_kib: float | None, option: str = "--max-arena-kib") -> None:
    """Refuse a network whose arena is larger than allowed.

    Raises:
        ConversionError: it is.
    """
    if max_kib is not None and arena.arena_bytes > max_kib * 1024:
        raise ConversionError(
            f"The network needs an arena of {format_bytes(arena.arena_bytes)}, more than {option} {max_kib:g}; search "
            f"a smaller one by `tfkws search --for micro --max-arena-kib`. It was {arena.how}."
        )
