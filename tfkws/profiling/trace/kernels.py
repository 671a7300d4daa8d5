"""The kernels of a trace: which events are work of the device, how long each takes by itself, how long it is busy."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfkws.profiling.trace.xplane import Event, Line, Plane

GPU_PLANE = "/device:GPU"
HOST_PLANE = "/host:CPU"
STREAM = "Stream"
PS_PER_US = 1e6
Span = tuple[int, int]  # from and to, in picoseconds

# How TensorFlow names an operator that runs on the host: "scope/convolution:Conv2D".
_HOST_OPERATOR = re.compile(r"(?P<path>[^:\s]+):(?P<kind>[A-Z_][A-Za-z0-9]*)")


@dataclass(frozen=True)
class Kernel:
    """One run of one kernel.

    Attributes:
        name: of the kernel, or of the instruction or operator where the device gives no other.
        instruction: of the compiled program, by which XLA names it; empty under another compiler.
        scope: path of name scopes that the backend noted with it; may be empty.
        start_us, end_us: from the same moment for all kernels of a trace.
        own_us: its part of the time in which it ran and none ran inside it, each moment being divided among all that
            ran beside each other. So the times of all kernels add up to the busy time.
        is_outer: whether kernels ran inside it, as the body of a loop does on a host; then it is no kernel to count.
    """

    name: str
    instruction: str
    scope: str
    start_us: float
    end_us: float
    own_us: float
    is_outer: bool = False


def kernels_of(planes: Iterable[Plane], device: str) -> tuple[Kernel, ...]:
    """Return the kernels that ran on a device, "cpu" or "gpu", in the order of their starts."""
    prefix = GPU_PLANE if device == "gpu" else HOST_PLANE
    lines = [line for plane in planes if plane.name.startswith(prefix) for line in plane.lines]
    found = _of_streams(lines) if device == "gpu" else _of_threads(lines)
    return tuple(sorted(found, key=lambda kernel: (kernel.start_us, -kernel.end_us)))


def busy_us(kernels: Sequence[Kernel]) -> float:
    """Return the time in µs in which at least one kernel ran, by kernels in the order of their starts.

    Example:
        >>> a, b, c = (Kernel("", "", "", start, end, end - start) for start, end in ((0, 4), (1, 6), (8, 9)))
        >>> busy_us([a, b, c])
        7.0
    """
    busy, until = 0.0, float("-inf")
    for kernel in kernels:
        busy += max(0.0, kernel.end_us - max(kernel.start_us, until))
        until = max(until, kernel.end_us)
    return busy


def _of_streams(lines: Iterable[Line]) -> list[Kernel]:
    """Kernels of a GPU: those of a CUDA graph run beside each other, though their trace shows them on one stream."""
    events = [event for line in lines if STREAM in line.name for event in line.events()]
    parts = divided([(event.start_ps, event.end_ps) for event in events])
    return [_kernel(event, part, is_outer=False) for event, part in zip(events, parts, strict=True)]


def _of_threads(lines: Iterable[Line]) -> list[Kernel]:
    """Kernels of a host: within a thread one may run inside another, and threads run beside each other."""
    found: list[tuple[Event, list[Span]]] = []
    for line in lines:
        events = sorted(filter(_is_host_kernel, line.events()), key=lambda event: (event.start_ps, -event.duration_ps))
        found += zip(events, innermost([(event.start_ps, event.end_ps) for event in events]), strict=True)
    parts = iter(divided([piece for _, pieces in found for piece in pieces]))
    return [
        _kernel(event, sum(next(parts) for _ in pieces), is_outer=pieces != [(event.start_ps, event.end_ps)])
        for event, pieces in found
    ]


def divided(spans: Sequence[Span]) -> list[float]:
    """Divide each moment equally among the spans that hold it; the parts add up to the time in which any runs.

    Example:
        >>> divided([(0, 10), (4, 6), (6, 12)])
        [7.0, 1.0, 4.0]
    """
    parts = [0.0] * len(spans)
    running: set[int] = set()
    before = 0
    for moment, place in _turns(spans):
        for each in running:
            parts[each] += (moment - before) / len(running)
        before = moment
        running ^= {place}
    return parts


def innermost(spans: Sequence[Span]) -> list[list[Span]]:
    """Return of each span the pieces in which none that began later holds the moment.

    Args:
        spans: in the order of their starts, the outer first.

    Example:
        >>> innermost([(0, 10), (4, 6)])
        [[(0, 4), (6, 10)], [(4, 6)]]
    """
    pieces: list[list[Span]] = [[] for _ in spans]
    running: set[int] = set()
    before = 0
    for moment, place in _turns(spans):
        if running and moment > before:
            pieces[max(running)].append((before, moment))
        before = moment
        running ^= {place}
    return pieces


def _turns(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return when spans begin and end, with the place of each, in the order of time."""
    return sorted((moment, place) for place, span in enumerate(spans) for moment in span)


def _is_host_kernel(event: Event) -> bool:
    """Whether an event of a thread is an instruction of XLA or an operator of TensorFlow."""
    if "hlo_op" in event.stats:
        return True
    return "::" not in event.name and _HOST_OPERATOR.fullmatch(event.name) is not None


def _kernel(event: Event, own_ps: float, *, is_outer: bool) -> Kernel:
    stats = {key: str(event.stats.get(key, "")) for key in ("hlo_op", "tf_op", "name")}
    return Kernel(
        name=event.name,
        instruction=stats["hlo_op"],
        scope=stats["tf_op"] or stats["name"] or ("" if stats["hlo_op"] else event.name),
        start_us=event.start_ps / PS_PER_US,
        end_us=event.end_ps / PS_PER_US,
        own_us=own_ps / PS_PER_US,
        is_outer=is_outer,
    )
