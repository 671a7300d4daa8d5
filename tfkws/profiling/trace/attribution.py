"""Gives the kernels of several traces to the layers that they serve. Pure."""

from collections.abc import Callable, Sequence

from tfkws.profiling.trace.kernels import Kernel
from tfkws.profiling.trace.layer_trace import TraceRow

Layers = frozenset[int]


def trace_rows(
    repeats: Sequence[Sequence[Kernel]], passes: int, layers_of: Callable[[Kernel], Layers], names: Sequence[str]
) -> tuple[TraceRow, ...]:
    """Return one row for each set of layers that kernels serve together, in execution order.

    Args:
        repeats: kernels of each repeat, of `passes` calls.
        layers_of: positions of the layers that a kernel serves; none where that cannot be told.
        names: of the layers by position.
    """
    groups: dict[Layers, list[list[Kernel]]] = {}
    for number, kernels in enumerate(repeats):
        for kernel in kernels:
            group = groups.setdefault(layers_of(kernel), [[] for _ in repeats])
            group[number].append(kernel)
    ordered = sorted(groups, key=lambda layers: (not layers, sorted(layers)))
    return tuple(_row(tuple(names[place] for place in sorted(layers)), groups[layers], passes) for layers in ordered)


def kernels_per_call(repeats: Sequence[Sequence[Kernel]], passes: int) -> float:
    """Return how many kernels one call runs, the mean over all; one that only holds others is not counted."""
    return sum(not kernel.is_outer for kernels in repeats for kernel in kernels) / (passes * len(repeats))


def _row(layers: tuple[str, ...], repeats: Sequence[Sequence[Kernel]], passes: int) -> TraceRow:
    return TraceRow(
        layers=layers,
        kernels=kernels_per_call(repeats, passes),
        kernel_names=tuple(dict.fromkeys(kernel.name for kernels in repeats for kernel in kernels)),
        busy_us=tuple(round(sum(kernel.own_us for kernel in kernels) / passes, 4) for kernels in repeats),
    )
