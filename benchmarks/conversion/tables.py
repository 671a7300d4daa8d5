"""Tables and figures of the conversion page, made of one record a model."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.conversion.rows import SPLIT
from benchmarks.records import read_records
from tfkws.intervals import LEVEL
from tfkws.report.plots import BLUE, GREY, layer_error_figure, new_figure, save_png
from tfkws.run_folder import write_text
from tfkws.units import format_bytes, format_interval, format_percent, format_us
from tfkws.views.table import Table

NAMES = {"none": "float32"}
WARNING_NUMBERS = re.compile(r" by \d+ %| \(load [\d.]+\)")
COLUMNS = (
    "model", "recipe", "size", "arena", "accuracy", LEVEL, "agreement", "difference", f"{LEVEL} (points)",
    "worst layer", "latency", "to float32", "range",
)  # fmt: skip
Models = Sequence[dict[str, Any]]


def write_tables(out: Path) -> None:
    """Write both tables as Markdown and CSV, and the figures, from the records under `out`."""
    models = read_records(out / "models")
    conversion = conversion_table(models)
    remedies = remedies_table(models)
    write_text(out / "conversion.md", f"{conversion.to_markdown()}\n{remedies.to_markdown()}")
    write_text(out / "conversion.csv", conversion.to_csv())
    write_text(out / "remedies.csv", remedies.to_csv())
    save_png(differences_figure(models), out / "differences.png")
    save_png(latency_figure(models), out / "latency.png")
    for model in models:
        if layers := model["recipes"].get("int8", {}).get("layers"):
            save_png(layer_error_figure(layers, None), out / f"layers-{model['model']}.png")


def conversion_table(models: Models) -> Table:
    """Lay out one row a model and recipe."""
    rows = tuple(_cells(model, name, row) for model in models for name, row in model["recipes"].items())
    notes = [
        f"{SPLIT.capitalize()} split; intervals are {LEVEL}, resampled over speakers; difference is file minus Keras "
        "model, clip by clip.",
        "Arena: activations placed greedily, without scratch buffers. Worst layer: lowest signal to noise against "
        "float32.",
        _machines(models),
        *_remarks(models),
    ]
    return Table("Converted models", COLUMNS, rows, COLUMNS[2:], " ".join(notes))


def remedies_table(models: Models) -> Table:
    """Lay out one row a model and way to int8."""
    rows = tuple(
        (
            model["model"], remedy["name"], f"{remedy['logits_snr_db']:.1f} dB",
            *(cell for split in ("validation", SPLIT) for cell in _parity_cells(remedy["splits"][split])),
        )
        for model in models for remedy in model["remedies"]
    )  # fmt: skip
    parity = ("agreement", "difference", f"{LEVEL} (points)")
    columns = ("model", "int8 by", "logits", *(f"{split} {name}" for split in ("validation", SPLIT) for name in parity))
    note = "Same calibration clips in every row. Logits: signal to noise against float32 on 16 validation clips."
    return Table("Ways to int8", columns, rows, columns[2:], note)


def differences_figure(models: Models) -> Any:
    """Draw the difference of accuracy, in points, with its 95 % interval, of every model and recipe."""
    rows = [(f"{model['model']}, {NAMES.get(name, name)}", row["parity"]) for model, name, row in _rows(models)]
    points = [(label, 100 * parity["difference"], _percent(parity["difference_interval"])) for label, parity in rows]
    return _interval_figure(points, f"accuracy, file minus Keras model (points, {LEVEL})", line_at=0)


def latency_figure(models: Models) -> Any:
    """Draw latency as a multiple of float32, with the range over rounds."""
    rows = [(f"{model['model']}, {name}", row["latency"]) for model, name, row in _rows(models) if name != "none"]
    points = [(label, latency["ratio"], latency["ratio_range"]) for label, latency in rows]
    return _interval_figure(points, "latency, multiple of float32", line_at=1, scale="log")


def _interval_figure(
    points: Sequence[tuple[str, float, Sequence[float]]], label: str, line_at: float, scale: str = "linear"
) -> Any:
    """Draw (name, value, (low, high)) one below the other, with a line at the value of no difference."""
    figure, axis = new_figure(7.5, 1.2 + 0.22 * len(points))
    for place, (_, value, ends) in enumerate(points):
        axis.plot(ends, [place, place], color=GREY, linewidth=1.5)
        axis.plot(value, place, "o", color=BLUE, markersize=4)
    axis.axvline(line_at, color="black", linewidth=0.6)
    axis.set_xscale(scale)
    axis.set_yticks(range(len(points)), [name for name, _, _ in points], fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel(label)
    return figure


def _percent(ends: Sequence[float]) -> tuple[float, float]:
    return 100 * ends[0], 100 * ends[1]


def _cells(model: dict[str, Any], name: str, row: dict[str, Any]) -> tuple[str, ...]:
    contents, latency, worst = row["contents"], row["latency"], row["worst_layer"]
    agreement, difference, interval = _parity_cells(row["parity"])
    mark = "*" if row["clips_note"] else ""
    return (
        model["model"],
        NAMES.get(name, name) + mark,
        format_bytes(contents["size_bytes"]),
        format_bytes(contents["arena_bytes"]),
        format_percent(row["accuracy"]),
        format_interval(row["accuracy_interval"]),
        agreement,
        difference,
        interval,
        f"{worst['name']} {worst['snr_db']:.0f} dB" if worst else "",
        format_us(latency["median_us"]),
        f"{latency['ratio']:.2f}",
        f"{latency['ratio_range'][0]:.2f}-{latency['ratio_range'][1]:.2f}",
    )


def _parity_cells(parity: dict[str, Any]) -> tuple[str, str, str]:
    low, high = (100 * end for end in parity["difference_interval"])
    return format_percent(parity["agreement"]), f"{100 * parity['difference']:+.2f}", f"[{low:+.2f}, {high:+.2f}]"


def _rows(models: Models) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    return ((model, name, row) for model in models for name, row in model["recipes"].items())


def _machines(models: Models) -> str:
    """Say on what the latencies were taken; one line where all are from one machine."""
    found = {
        f"Latency: {row['latency']['machine']['cpu']}, one thread, {row['latency']['runtime']}, noise as input, median "
        f"of {row['latency']['rounds']} rounds in turns."
        for _, _, row in _rows(models)
    }
    return " ".join(sorted(found))


def _remarks(models: Models) -> Iterator[str]:
    for model, name, row in _rows(models):
        if row["clips_note"]:
            yield f"* {model['model']}, {name}: {row['clips_note']}."
    yield from _latency_warnings(models)
    for model in models:
        for name, reason in model["refused"].items():
            yield f"{model['model']}, {name}: {reason}"


def _latency_warnings(models: Models) -> Iterator[str]:
    """Yield each kind of warning once, with the rows that it is about; the numbers are in the JSON."""
    rows_of: dict[str, list[str]] = {}
    for model, name, row in _rows(models):
        for warning in row["latency"]["warnings"]:
            kind = WARNING_NUMBERS.sub("", warning.split(":")[0])
            rows_of.setdefault(kind, []).append(f"{model['model']} {NAMES.get(name, name)}")
    everything = sum(len(model["recipes"]) for model in models)
    for kind, rows in rows_of.items():
        yield f"Latency, {kind}: {'all rows' if len(rows) == everything else ', '.join(rows)}."
