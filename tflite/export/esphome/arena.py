"""The memory that a manifest asks for: what TensorFlow Lite Micro needs, and what an ESP32's kernels take besides."""

from tfkws.cost.activation_memory import ALIGNMENT
from tfkws.cost.micro_structures import MicroArena

# On an ESP32 the kernels of ESP-NN take memory besides, which only the device can tell. microWakeWord's four published
# files ask for 1.08 to 1.33 times what the interpreter measures here.
FOR_KERNELS = 1.35


def asked_bytes(arena: MicroArena) -> int:
    """Return what a manifest asks for, a multiple of 16 bytes.

    Example:
        >>> asked_bytes(MicroArena(20_000, 4_000, 15_000, measured=True))
        27008
    """
    return int(-(-FOR_KERNELS * arena.arena_bytes // ALIGNMENT)) * ALIGNMENT
