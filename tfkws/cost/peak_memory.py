"""Peak activation memory from the lifetimes of tensors in execution order."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Tensor = TypeVar("Tensor", bound=Hashable)


@dataclass(frozen=True)
class Step(Generic[Tensor]):
    """One operation of a schedule: the activations it reads and those it writes."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def peak_bytes(steps: Sequence[Step[Tensor]], size_bytes: Mapping[Tensor, int], results: Iterable[Tensor]) -> int:
    """Return the most bytes alive at once.

    A tensor lives from the step that writes it (network inputs: from the start) to the last step that reads it;
    `results` live to the end. A real arena can need more, through alignment, fragmentation and scratch buffers, and
    not less, unless an operator works in place or computes an output piecewise.
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
