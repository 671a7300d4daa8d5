"""Memory for the activations of a schedule: the most bytes alive at once, and the arena that a planner needs."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

ALIGNMENT = 16  # bytes, as in TensorFlow Lite Micro
Tensor = TypeVar("Tensor", bound=Hashable)


@dataclass(frozen=True)
class Step(Generic[Tensor]):
    """One operation of a schedule: the activations it reads and those it writes."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def peak_bytes(steps: Sequence[Step[Tensor]], size_bytes: Mapping[Tensor, int], results: Iterable[Tensor]) -> int:
    """Return the most bytes alive at once.

    A tensor lives from the step that writes it (network inputs: from the start) to the last step that reads
    it; `results` live to the end. A real arena can need more, through alignment, fragmentation and scratch
    buffers, and not less, unless an operator works in place or computes an output piecewise.
    """
    kept = set(results)
    last_read = {tensor: number for number, step in enumerate(steps) for tensor in step.inputs}
    written = {tensor for step in steps for tensor in step.outputs}
    alive = set(last_read) - written
    peak = _sum(alive, size_bytes)
    for number, step in enumerate(steps):
        alive |= set(step.outputs)
        peak = max(peak, _sum(alive, size_bytes))
        alive = {tensor for tensor in alive if tensor in kept or last_read.get(tensor, -1) > number}
    return peak


def _sum(tensors: Iterable[Tensor], size_bytes: Mapping[Tensor, int]) -> int:
    return sum(size_bytes[tensor] for tensor in tensors)


@dataclass(frozen=True)
class Block:
    """A tensor's bytes and the first and last step at which they must be there."""

    size_bytes: int
    first: int
    last: int

    def meets(self, other: "Block") -> bool:
        """Return whether both are needed at some step."""
        return self.first <= other.last and other.first <= self.last


def arena_bytes(steps: Sequence[Step[Tensor]], size_bytes: Mapping[Tensor, int], results: Iterable[Tensor]) -> int:
    """Return the bytes of an arena in which tensors are placed greedily.

    The largest comes first, and each goes into the lowest gap that it fits. This is the planner of TensorFlow
    Lite and TensorFlow Lite Micro (Pisarchyk and Lee 2020, "greedy by size"), without the scratch buffers of
    kernels and the interpreter's own structures. It is never below `peak_bytes`.
    """
    blocks = sorted(_blocks(steps, size_bytes, results), key=lambda block: (-block.size_bytes, block.first))
    placed: list[tuple[int, Block]] = []
    for block in blocks:
        placed.append((lowest_gap(block, placed), block))
    return max((offset + block.size_bytes for offset, block in placed), default=0)


def _blocks(steps: Sequence[Step[Tensor]], size_bytes: Mapping[Tensor, int], results: Iterable[Tensor]) -> list[Block]:
    written = {tensor: number for number, step in reversed(list(enumerate(steps))) for tensor in step.outputs}
    read = {tensor: number for number, step in enumerate(steps) for tensor in step.inputs}
    last = read | dict.fromkeys(results, len(steps))
    return [
        Block(size_bytes[tensor], written.get(tensor, 0), max(last.get(tensor, 0), written.get(tensor, 0)))
        for tensor in written | read
    ]


def lowest_gap(block: Block, placed: Sequence[tuple[int, Block]]) -> int:
    """Return the lowest aligned offset at which `block` overlaps no placed one (offset, block) that it meets."""
    offset = 0
    for start, other in sorted((pair for pair in placed if pair[1].meets(block)), key=lambda pair: pair[0]):
        if offset + block.size_bytes <= start:
            break
        offset = max(offset, -(-(start + other.size_bytes) // ALIGNMENT) * ALIGNMENT)
    return offset
