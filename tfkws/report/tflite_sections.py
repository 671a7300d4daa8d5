"""What became of a model as .tflite: conversion and parity, latency, time per operator."""

from collections.abc import Iterator
from typing import Any

from tfkws.report.collect import ModelResults
from tfkws.report.page import Card, Drawing, Section
from tfkws.report.plots import bars_figure, samples_figure
from tfkws.report.tables import Table
from tfkws.units import format_bytes, format_count, format_interval, format_percent, format_us


def conversion_section(model: ModelResults, name: str) -> Section:
    """One row a converted file and split."""
    rows = tuple(
        (
            recipe, _contents(model, recipe).get("scheme", "?"), format_bytes(_contents(model, recipe).get("size_bytes", 0)),
            split, format_percent(report["candidate_accuracy"]), f"{100 * report['difference']:+.2f}",
            _points(report["difference_interval"]), format_percent(report["agreement"]),
            f"{report['max_output_error']:.3g}", "passed" if parity["passed"] else "REJECTED",
        )
        for recipe, parity in model.parities.items()
        for split, report in parity["splits"].items()
    )  # fmt: skip
    columns = (
        "recipe", "in the file", "size", "split", "accuracy", "difference", "95 % (points)", "agreement",
        "largest output error", "gate",
    )  # fmt: skip
    first = next(iter(model.parities.values()))
    note = (
        "Differences are converted minus Keras, in points, clip by clip, with an interval over speakers. The gate allows "
        f"{first['gate_points']} points beyond noise on the {first['judged_on']} split; types are read from the file."
    )
    return Section(f"Conversion: {name}", (Table("Parity with the Keras model", columns, rows, columns[2:], note),))


def _contents(model: ModelResults, recipe: str) -> dict[str, Any]:
    return dict(model.recipes.get(recipe, {}).get("contents", {}))


def _points(interval: list[float]) -> str:
    return f"[{100 * interval[0]:+.2f}, {100 * interval[1]:+.2f}]"
