"""What became of a model as .tflite: conversion and parity, latency, time per operator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfkws.report.collect import ModelResults
from tfkws.report.page import Card, Drawing, Section
from tfkws.report.plots import bars_figure, layer_error_figure, samples_figure
from tfkws.units import format_bytes, format_count, format_percent, format_us
from tfkws.views.table import Table


def conversion_section(model: ModelResults, name: str) -> Section:
    """One row a converted file and split."""
    rows = tuple(
        (
            recipe,
            _contents(model, recipe).get("scheme", "?"),
            format_bytes(_contents(model, recipe).get("size_bytes", 0)),
            split,
            format_percent(report["candidate_accuracy"]),
            f"{100 * report['difference']:+.2f}",
            _points(report["difference_interval"]),
            format_percent(report["agreement"]),
            f"{report['max_output_error']:.3g}",
            "passed" if parity["passed"] else "REJECTED",
        )
        for recipe, parity in model.parities.items()
        for split, report in parity["splits"].items()
    )
    columns = (
        "recipe",
        "in the file",
        "size",
        "split",
        "accuracy",
        "difference",
        "95 % (points)",
        "agreement",
        "largest output error",
        "gate",
    )
    first = next(iter(model.parities.values()))
    note = (
        "Differences are converted minus Keras, in points, clip by clip, with an interval over speakers. "
        f"The gate allows {first['gate_points']} points beyond noise on the {first['judged_on']} split; "
        "types are read from the file."
    )
    table = Table("Parity with the Keras model", columns, rows, columns[2:], note)
    return Section(f"Conversion: {name}", (table, *_layer_drawings(model)))


def _layer_drawings(model: ModelResults) -> Iterator[Drawing]:
    """One figure a quantised file: how far each operator is from float32."""
    for recipe, parity in model.parities.items():
        bad = parity.get("first_bad_layer")
        if layers := parity.get("layers"):
            lowest = min(layers, key=lambda row: row["snr_db"])
            caption = (
                f"Every operator of {recipe}.tflite against float32 on the same clips, in execution order; most noise "
                f"is in {lowest['name']}, {lowest['snr_db']:.0f} dB."
            )
            figure = layer_error_figure(layers, bad["index"] if bad else None)
            yield Drawing(figure, caption, f"layers-{model.folder.name}-{recipe}")


def latency_section(model: ModelResults, name: str) -> Section:
    """Latency of every file that was timed, and the distribution behind the medians."""
    rows = tuple(
        (
            b["model"],
            format_us(b["median_us"]),
            _microseconds(b["median_interval_us"]),
            format_us(b["p95_us"]),
            format_us(b["p99_us"]),
            str(b["runs"]),
            str(b["threads"]),
            b["kernels"],
            f"{b['runtime']} {b['runtime_version']}",
            format_us(b["load_us"]),
            format_bytes(b["peak_rss_bytes"]),
        )
        for b in model.benchmarks.values()
    )
    columns = (
        "file",
        "median",
        "95 %",
        "p95",
        "p99",
        "runs",
        "threads",
        "kernels",
        "runtime",
        "load",
        "peak memory of the process",
    )
    first = next(iter(model.benchmarks.values()))
    machine = first["before"]
    note = (
        f"{machine['cpu']}, {machine['architecture']}, {machine['cores']} cores, {' '.join(machine['flags'])}; "
        f"governor {machine['governor'] or 'not readable'}. {first['processes']} fresh processes in turns, warm-up "
        f"apart, input: {first['input_source']}."
    )
    warnings = [f"{b['model']}: {warning}" for b in model.benchmarks.values() for warning in b["warnings"]]
    samples = {
        b["model"]: [ns / 1e3 for process in b["samples_ns"] for ns in process] for b in model.benchmarks.values()
    }
    caption = "Share of single inferences that took at most a time; the tail shows what else the machine did."
    drawing = Drawing(samples_figure(samples), caption, f"latency-{model.folder.name}")
    return Section(f"Latency: {name}", (Table("One inference", columns, rows, columns[1:7], note), *warnings, drawing))


def operator_sections(model: ModelResults, name: str) -> Iterator[Section]:
    """One section a profile: every operator with its cost, and where the time goes."""
    for profile in model.profiles.values():
        timed = [row for row in profile["rows"] if row["method"] != "folded"]
        caption = f"Time per operator of {profile['model']}, in execution order; folded operators cost nothing."
        labels = [f"{row['index']} {row['opcode']} {row['name']}" for row in timed]
        figure = bars_figure(labels, [row["time_us"] for row in timed], "time per inference (µs)")
        title = f"Operators: {name}, {profile['model']}, {profile['kernels']} kernels"
        drawing = Drawing(figure, caption, f"operators-{model.folder.name}-{Path(profile['model']).stem}")
        yield Section(title, (_class_table(profile), _operator_table(profile), drawing, *profile["warnings"]))


def _operator_table(profile: dict[str, Any]) -> Table:
    rows = tuple(
        (
            str(row["index"]),
            row["opcode"],
            row["name"],
            "folded" if row["method"] == "folded" else format_us(row["time_us"]),
            format_percent(row["share"]),
            "" if row["macs"] is None else format_count(row["macs"]),
            "" if row["gmacs_per_s"] is None else f"{row['gmacs_per_s']:.1f}",
            format_bytes(row["bytes_moved"]),
            *_place_cells(row),
            "; ".join(row["kernels"]),
        )
        for row in profile["rows"]
    )
    columns = (
        "",
        "operator",
        "layer",
        "time",
        "share",
        "MACs",
        "GMAC/s",
        "bytes moved",
        "MACs/B",
        "roofline",
        "kernels",
    )
    note = (
        f"{profile['runtime']} {profile['runtime_version']}, {profile['threads']} thread(s), {profile['runs']} runs, "
        f"by {profile['method']}. Sum {format_us(profile['sum_us'])}, unprofiled whole "
        f"{format_us(profile['whole_us'])} ({100 * profile['difference']:+.1f} %). {profile['explanation']}"
    )
    return Table(f"Every operator of {profile['model']}", columns, rows, columns[3:10], note)


def _place_cells(row: dict[str, Any]) -> tuple[str, str]:
    """Arithmetic intensity, and share of the limit that counts; empty in profiles without limits."""
    intensity, share = row.get("intensity"), row.get("roofline_share")
    reached = "" if share is None else f"{format_percent(share)} of {row['limit']}"
    return "" if not intensity else f"{intensity:.2g}", reached


def _class_table(profile: dict[str, Any]) -> Table:
    """Time, MACs and rate by layer class, as paper A's Table 2 groups them."""
    classes = dict.fromkeys(row["layer_class"] for row in profile["rows"])
    rows = []
    for layer_class in classes:
        members = [row for row in profile["rows"] if row["layer_class"] == layer_class]
        time_us, macs = sum(row["time_us"] for row in members), sum(row["macs"] or 0 for row in members)
        rate = f"{macs / time_us / 1e3:.1f}" if macs and time_us else ""
        share = format_percent(sum(row["share"] for row in members))
        rows.append((layer_class, str(len(members)), format_us(time_us), share, format_count(macs), rate))
    columns = ("layer class", "operators", "time", "share", "MACs", "GMAC/s")
    return Table(f"Time by layer class of {profile['model']}", columns, tuple(rows), columns[1:])


def headline_tflite(model: ModelResults) -> tuple[Card, ...]:
    """Size and latency of the int8 file, or of the only one there is."""
    cards = []
    if (stem := _main_stem(model.recipes)) is not None:
        contents = _contents(model, stem)
        cards.append(Card(format_bytes(contents["size_bytes"]), f"{stem}.tflite, {contents['scheme']}"))
    if (stem := _main_stem(model.benchmarks)) is not None:
        result = model.benchmarks[stem]
        spread = _microseconds(result["median_interval_us"])
        meaning = f"median latency of {result['model']} {spread}, {result['threads']} thread"
        cards.append(Card(format_us(result["median_us"]), meaning))
    return tuple(cards)


def _main_stem(results: dict[str, dict[str, Any]]) -> str | None:
    """The int8 file where there is one, else the first."""
    return "int8" if "int8" in results else next(iter(results), None)


def _microseconds(interval: list[float]) -> str:
    return f"[{format_us(interval[0])}, {format_us(interval[1])}]"


def _contents(model: ModelResults, recipe: str) -> dict[str, Any]:
    return dict(model.recipes.get(recipe, {}).get("contents", {}))


def _points(interval: list[float]) -> str:
    return f"[{100 * interval[0]:+.2f}, {100 * interval[1]:+.2f}]"
