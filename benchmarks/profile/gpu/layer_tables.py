"""Where a card spends its time within each network: kernels given to layers by the card's own trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.profile.gpu.measured import PROFILES, RECORDS, GpuTime, has_trace, read_measured
from benchmarks.zoo_files import task_of
from tfkws.profiling.measure.layer_profile import mean
from tfkws.run_folder import read_json
from tfkws.units import format_percent, format_us
from tfkws.views.layer_trace import NOT_ATTRIBUTED
from tfkws.views.table import Table

LARGEST = 3  # classes that are named for each network
Trace = Mapping[str, Any]  # of a record: rows, busy_us, kernels
Classes = Callable[[str], Mapping[str, str]]  # of a network: the class of each layer by its name


@dataclass(frozen=True)
class ClassTime:
    """The kernels that serve layers of the same classes, in one call of one network.

    Attributes:
        classes: joined by " + " where kernels serve layers of several; "(not attributed)" where of none.
        rows: how many layers, or fused groups of layers, they are.
        busy_us: of all of them.
    """

    classes: str
    rows: int
    kernels: float
    busy_us: float


def read_traces(folder: Path) -> dict[str, Trace]:
    """Read the traces of one card that tell layers, by network in the order of the tables."""
    records = read_measured(folder / RECORDS)
    found = {name: record["trace"] for name, record in records.items() if has_trace(record)}
    return {name: trace for name, trace in found.items() if trace.get("rows")}


def class_times(trace: Trace, classes: Mapping[str, str]) -> list[ClassTime]:
    """Add up what serves the same classes, the longest first."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in trace["rows"]:
        named = " + ".join(dict.fromkeys(classes[layer] for layer in row["layers"]))
        groups.setdefault(named or NOT_ATTRIBUTED, []).append(row)
    times = [
        ClassTime(named, len(rows), sum(row["kernels"] for row in rows), sum(mean(row["busy_us"]) for row in rows))
        for named, rows in groups.items()
    ]
    return sorted(times, key=lambda time: -time.busy_us)


def layers_table(traces: Mapping[str, Trace], times: Mapping[str, GpuTime], classes_of: Classes) -> Table | None:
    """Lay out each network's busy time by layers; None where no trace tells any."""
    if not traces:
        return None
    columns = ("network", "kernels", "kernels busy", "the card waits", "layers add up to", "one layer", "fused layers",
               "no layer", "most of it")  # fmt: skip
    note = (
        f"One clip, float32. Waiting: the share of call to answer in which no kernel runs. Layers add up to: of the "
        f"busy time. Then its shares in kernels that serve one layer, several that the compiler fused, and none that "
        f"could be told; last the {LARGEST} classes of layer that take most. All classes: layer_classes.csv."
    )
    rows = tuple(_row(name, trace, times[name], classes_of(name)) for name, trace in traces.items())
    return Table("Layers by the card's trace", columns, rows, columns[1:8], note)


def classes_table(traces: Mapping[str, Trace], classes_of: Classes) -> Table:
    """Lay out busy time and kernels of each class in each network, for those who compute on."""
    columns = ("network", "layer class", "layers or groups", "kernels", "busy, µs", "share")
    rows = []
    for name, trace in traces.items():
        found = class_times(trace, classes_of(name))
        total = sum(time.busy_us for time in found)
        rows += [
            (name, time.classes, str(time.rows), f"{time.kernels:g}", f"{time.busy_us:.3f}",
             f"{time.busy_us / total:.4f}")
            for time in found
        ]  # fmt: skip
    return Table("Busy time by class of layer", columns, tuple(rows), columns[2:])


@cache
def layer_classes(name: str, profiles: Path = PROFILES) -> Mapping[str, str]:
    """Return the class of each layer of a network, from its published profile, or by building it where it has none."""
    published = profiles / f"layers-cpu-jax-{name}.json"
    if published.exists():
        return {row["name"]: row["layer"] for row in read_json(published)["rows"]}
    from tfkws.cost import count
    from tfkws.graphs.keras import read_graph
    from tfkws.models import build_model

    task = task_of(name)
    model = build_model(name, task.input_shape, task.classes)
    pairs = zip(count(model).rows, read_graph(model).nodes, strict=True)
    return {row.name: type(node.layer).__name__ for row, node in pairs}


def _row(name: str, trace: Trace, time: GpuTime, classes: Mapping[str, str]) -> tuple[str, ...]:
    busy = trace["busy_us"]
    return (
        name, f"{time.kernels:.0f}", format_us(busy), format_percent(max(0.0, 1 - busy / time.latency_us), 0),
        format_percent(sum(mean(row["busy_us"]) for row in trace["rows"]) / busy),
        *(_share(trace, fits) for fits in (lambda n: n == 1, lambda n: n > 1, lambda n: n == 0)),
        _largest(class_times(trace, classes)),
    )  # fmt: skip


def _share(trace: Trace, fits: Callable[[int], bool]) -> str:
    """Share of the busy time in kernels whose number of layers fits."""
    chosen = [mean(row["busy_us"]) for row in trace["rows"] if fits(len(row["layers"]))]
    return format_percent(sum(chosen) / sum(mean(row["busy_us"]) for row in trace["rows"]), 0)


def _largest(times: Sequence[ClassTime]) -> str:
    total = sum(time.busy_us for time in times)
    return ", ".join(f"{time.classes} {format_percent(time.busy_us / total, 0)}" for time in times[:LARGEST])
