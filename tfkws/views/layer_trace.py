"""Busy time and kernels of each layer, or fused group, as tables, from `layers-*-trace.json`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from tfkws.intervals import LEVEL, resampled_mean_interval
from tfkws.profiling.measure.layer_profile import mean
from tfkws.profiling.trace.layer_trace import first_seen
from tfkws.units import format_count, format_interval, format_percent, format_us, format_us_interval
from tfkws.views.table import Record, Table, number, table_of, text

NOT_ATTRIBUTED = "(not attributed)"
NAMED = 3  # layers of a fused group that are named; of a larger one the first and the last
HOOKS = "as a framework's hooks see it"


@dataclass(frozen=True)
class Line:
    """One line of either table; busy time in µs of one call, by repeat."""

    name: str
    classes: str
    kernels: float
    busy_us: tuple[float, ...]
    macs: int
    hooks_us: float | None
    share: float


COLUMNS = (
    number("kernels", lambda line: line.kernels, lambda kernels: f"{kernels:g}"),
    number("busy", lambda line: mean(line.busy_us), format_us),
    number(LEVEL, lambda line: interval_text(line.busy_us)),
    number("share", lambda line: line.share, format_percent),
    number("MACs", lambda line: line.macs, format_count),
    number(HOOKS, lambda line: line.hooks_us, format_us),
)
LAYERS = (text("layer", lambda line: line.name), text("class", lambda line: line.classes), *COLUMNS)
CLASSES = (text("layer class", lambda line: line.classes or line.name), *COLUMNS)


def trace_table(trace: Record) -> Table:
    """Return each layer, or fused group of layers, in execution order; busy time in µs or ms.

    Args:
        trace: content of `layers-*-trace.json`.
    """
    sentences = (conditions_sentence(trace), sum_sentence(trace), silent_sentence(trace), hooks_sentence(trace))
    return table_of(
        f"Every layer of {trace['model']}, by the device's trace",
        LAYERS,
        _lines(trace),
        " ".join(filter(None, sentences)),
    )


def class_table(trace: Record) -> Table:
    """Return busy time (µs or ms) and number of kernels of each class of layer, fused classes together."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in _lines(trace):
        groups.setdefault((line.classes, "" if line.classes else line.name), []).append(line)
    lines = [_sum(name, classes, members) for (classes, name), members in groups.items()]
    sentences = (conditions_sentence(trace), waiting_sentence(trace), sum_sentence(trace), hooks_sentence(trace))
    title = f"Busy time by class of layer of {trace['model']}, by the device's trace"
    return table_of(title, CLASSES, lines, _joined(sentences))


def interval_text(values: Sequence[float]) -> str:
    """Return the interval of a mean over repeats, in µs or ms; empty for one repeat."""
    if len(values) < 2:
        return ""
    return format_us_interval(resampled_mean_interval(np.asarray(values)))


def conditions_sentence(trace: Record) -> str:
    """Say what ran, on what, and how often."""
    where = trace["device_name"] if trace["device"] == "gpu" else trace["machine"].get("cpu", "cpu")
    return (
        f"{where}, {trace['backend']} {trace['backend_version']}, compiled whole; {trace['trials']} repeats of "
        f"{trace['passes']} calls."
    )


def waiting_shares(trace: Record) -> list[float]:
    """Return for each repeat the share, 0..1, of a call in which no kernel runs: the device waits for the next."""
    repeats = zip(trace["busy_us"], trace["call_us"], strict=True)
    return [max(0.0, 1 - busy_us / median(call_us)) for busy_us, call_us in repeats]


def waiting_sentence(trace: Record) -> str:
    """Compare a call without the profiler with the time that its kernels are busy, in µs or ms."""
    waits = "the card waits" if trace["device"] == "gpu" else "no kernel runs in"
    shares = waiting_shares(trace)
    return (
        f"A call takes {format_us(mean([median(repeat) for repeat in trace['call_us']]))}, its {trace['kernels']:g} "
        f"kernels are busy for {format_us(mean(trace['busy_us']))}: {waits} {format_percent(mean(shares))} of the time "
        f"({LEVEL} {format_interval(resampled_mean_interval(np.asarray(shares)))})."
    )


def sum_sentence(trace: Record) -> str:
    """Compare the sum over the rows with the time in which any kernel ran, in µs or ms."""
    total = sum(mean(row["busy_us"]) for row in trace["rows"])
    return f"The rows add up to {format_us(total)}, {format_percent(total / mean(trace['busy_us']))} of the busy time."


def silent_sentence(trace: Record) -> str:
    """Name the layers that no kernel serves: the compiler left them out, or merged them beyond recognition."""
    served = {name for row in trace["rows"] for name in row["layers"]}
    silent = [layer["name"] for layer in trace["layers"] if layer["name"] not in served]
    return f"No kernel serves {', '.join(silent)}." if silent else ""


def hooks_sentence(trace: Record) -> str:
    """Say what a call of nothing costs, which stands in each figure of the hooks; empty without such figures."""
    if trace["hooks_call_us"] is None:
        return ""
    return (
        f"Called one by one, {HOOKS}, each layer costs a call besides its work, and a call without work takes "
        f"{format_us(trace['hooks_call_us'])}; a layer in several rows has that figure in the first."
    )


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))


def _lines(trace: Record) -> list[Line]:
    layers = {layer["name"]: layer for layer in trace["layers"]}
    total = sum(mean(row["busy_us"]) for row in trace["rows"]) or 1.0
    firsts = first_seen(trace["rows"])
    return [
        _line(row, [layers[name] for name in row["layers"]], [layers[name] for name in first], total)
        for row, first in zip(trace["rows"], firsts, strict=True)
    ]


def _line(row: Record, layers: Sequence[Record], first: Sequence[Record], total: float) -> Line:
    return Line(
        name=group_name(row["layers"]),
        classes=" + ".join(dict.fromkeys(layer["layer"] for layer in layers)),
        kernels=row["kernels"],
        busy_us=tuple(row["busy_us"]),
        macs=sum(layer["macs"] for layer in first),
        hooks_us=_sum_known(layer["hooks_us"] for layer in first),
        share=mean(row["busy_us"]) / total,
    )


def group_name(layers: Sequence[str]) -> str:
    """Name the layers that kernels serve together.

    Example:
        >>> group_name(["conv", "norm"]), group_name(["a", "b", "c", "d"]), group_name([])
        ('conv + norm', 'a ... d (4 layers)', '(not attributed)')
    """
    if len(layers) > NAMED:
        return f"{layers[0]} ... {layers[-1]} ({len(layers)} layers)"
    return " + ".join(layers) or NOT_ATTRIBUTED


def _sum(name: str, classes: str, lines: Sequence[Line]) -> Line:
    repeats = zip(*(line.busy_us for line in lines), strict=True)
    return Line(
        name=name,
        classes=classes,
        kernels=sum(line.kernels for line in lines),
        busy_us=tuple(map(sum, repeats)),
        macs=sum(line.macs for line in lines),
        hooks_us=_sum_known(line.hooks_us for line in lines),
        share=sum(line.share for line in lines),
    )


def _sum_known(values: Iterable[Any]) -> float | None:
    """Sum what was measured; None where nothing was."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
