"""The maps of a network in the arena of TensorFlow Lite Micro, planned as its `GreedyMemoryPlanner` plans them.

As in `tfkws.cost.activation_memory` the largest map is placed first, into the lowest gap that it fits; of equal ones
the younger goes first. Sizes are rounded up to 16 bytes, and kernels have scratch memory of their own while they run.
What the interpreter keeps besides is counted in `tfkws.cost.micro_structures` and measured in `tfkws.tflite.micro`.

Source: tensorflow/lite/micro/memory_planner/greedy_memory_planner.cc; the tests hold it against the interpreter.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from tfkws.cost.activation_memory import ALIGNMENT, Block, Step, Tensor, lowest_gap
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp

MULTIPLIER = 4 + 4  # bytes of a channel's multiplier and shift, which every convolution keeps
_SUM = 4  # bytes in which a mean is summed up
_AXES = 2 * 16  # bytes of the lists of axes that it works on
_SUMMED = frozenset({"MEAN", "SUM"})


def micro_maps_bytes(
    steps: Sequence[Step[Tensor]],
    size_bytes: Mapping[Tensor, int],
    results: Iterable[Tensor],
    scratch: Mapping[int, Sequence[int]] | None = None,
) -> int:
    """Return the bytes of the arena's maps.

    Args:
        size_bytes: of each tensor, in the order in which the file lists them.
        results: live to the last step.
        scratch: bytes that the kernel of a step, by its number, needs while it runs.
    """
    blocks = _blocks(steps, size_bytes, set(results))
    for number, sizes in (scratch or {}).items():
        blocks += [Block(_rounded(size), number, number) for size in sizes]
    placed: list[tuple[int, Block]] = []
    for block in sorted(reversed(blocks), key=lambda block: -block.size_bytes):  # equal ones: the last comes first
        placed.append((lowest_gap(block, placed), block))
    return max((offset + block.size_bytes for offset, block in placed), default=0)


def count_micro_maps(graph: TfliteGraph) -> int:
    """Return the bytes of a file's maps in the arena, without its subgraphs."""
    planned = planned_buffers(graph)
    steps, scratch = [], {}
    for number, op in enumerate(graph.ops):
        read = tuple(index for index in op.inputs if index in planned)
        steps.append(Step(read, tuple(index for index in op.outputs if index in planned)))
        scratch[number] = scratch_buffers(op, graph)
    sizes = {index: graph.tensors[index].size_bytes for index in sorted(planned)}
    return micro_maps_bytes(steps, sizes, graph.outputs, scratch)


def planned_buffers(graph: TfliteGraph) -> frozenset[int]:
    """Return the tensors that a plan finds room for: no constants, and no handles of variables."""
    named = {index for op in graph.ops for index in op.tensors} | set(graph.inputs)
    return frozenset(
        index for index in named if not graph.is_constant(index) and graph.tensors[index].dtype != "resource"
    )


def mean_scratch(outputs: int) -> tuple[int, ...]:
    """Return the bytes of the scratch buffers of a mean over so many outputs."""
    return _SUM * outputs, _AXES // 2, _AXES // 2


def scratch_buffers(op: TfliteOp, graph: TfliteGraph) -> tuple[int, ...]:
    """Return the bytes of each scratch buffer that a kernel asks for while it runs."""
    return mean_scratch(prod(graph.written(op).shape)) if op.opcode in _SUMMED else ()


def _blocks(steps: Sequence[Step[Tensor]], size_bytes: Mapping[Tensor, int], results: set[Tensor]) -> list[Block]:
    written = {tensor: number for number, step in reversed(list(enumerate(steps))) for tensor in step.outputs}
    read = {tensor: number for number, step in enumerate(steps) for tensor in step.inputs}
    last = read | dict.fromkeys(results, len(steps) - 1)
    return [
        Block(_rounded(size), written.get(tensor, 0), max(last.get(tensor, 0), written.get(tensor, 0)))
        for tensor, size in size_bytes.items()
        if tensor in written or tensor in read
    ]


def _rounded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
