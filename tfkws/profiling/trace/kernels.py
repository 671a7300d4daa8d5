"""The kernels of a trace: which events are work of the device, how long each takes by itself, how long it is busy."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfkws.profiling.trace.xplane import Event, Line, Plane

GPU_PLANE = "/device:GPU"
HOST_PLANE = "/host:CPU"
STREAM = "Stream"
PS_PER_US = 1e6

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
        own_us: time in which no kernel ran inside it.
        is_outer: whether kernels ran inside it, as the body of a loop does; then it is no kernel to count.
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
    found: list[Kernel] = []
    for plane in planes:
        if plane.name.startswith(GPU_PLANE if device == "gpu" else HOST_PLANE):
            for line in plane.lines:
                found += _of_line(line, device)
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


def _of_line(line: Line, device: str) -> list[Kernel]:
    if device == "gpu" and STREAM not in line.name:
        return []
    events = sorted(
        (event for event in line.events() if device == "gpu" or _is_host_kernel(event)),
        key=lambda event: (event.start_ps, -event.duration_ps),
    )
    inside = _inside_ps(events)
    return [_kernel(event, inside.get(index)) for index, event in enumerate(events)]


def _is_host_kernel(event: Event) -> bool:
    """Whether an event of a thread is an instruction of XLA or an operator of TensorFlow."""
    if "hlo_op" in event.stats:
        return True
    return "::" not in event.name and _HOST_OPERATOR.fullmatch(event.name) is not None


def _inside_ps(events: Sequence[Event]) -> dict[int, int]:
    """Return, by place, how long others ran inside an event; events of a line nest or follow each other."""
    inside: dict[int, int] = {}
    around: list[int] = []
    for place, event in enumerate(events):
        while around and events[around[-1]].end_ps <= event.start_ps:
            around.pop()
        if around:
            shared_ps = min(event.end_ps, events[around[-1]].end_ps) - event.start_ps
            inside[around[-1]] = inside.get(around[-1], 0) + shared_ps
        around.append(place)
    return inside


def _kernel(event: Event, inside_ps: int | None) -> Kernel:
    stats = {key: str(event.stats.get(key, "")) for key in ("hlo_op", "tf_op", "name")}
    return Kernel(
        name=event.name,
        instruction=stats["hlo_op"],
        scope=stats["tf_op"] or stats["name"] or ("" if stats["hlo_op"] else event.name),
        start_us=event.start_ps / PS_PER_US,
        end_us=event.end_ps / PS_PER_US,
        own_us=(event.duration_ps - (inside_ps or 0)) / PS_PER_US,
        is_outer=inside_ps is not None,
    )
