"""Fit latency models of this machine, and check them on the thirteen networks of paper B, timed by the benchmark.

    python -m benchmarks profile/latency_model [--recipes none,int8]

The probes are random networks (`tfkws.tflite.latency_model.probes`); the seed and kws1 to kws12 are not among them.
Work files go to artifacts/latency_model/. Interrupted, the same command goes on. Needs a quiet machine.
"""

import argparse
import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ARTIFACTS, csv_of, say
from tfkws.cli.terminal.progress import TerminalProgress
from tfkws.config import BenchmarkSettings
from tfkws.models.seed_cnn import TABLE_II
from tfkws.pipeline.target.fit import PROFILES, fit_target, keep_probe
from tfkws.report.plots import BLUE, GREY, ORANGE, new_figure, save_png
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tflite.benchmark.latency import benchmark_all
from tfkws.tflite.latency_model.fit import held_out_predictions, relative_errors
from tfkws.tflite.latency_model.fit_target import open_fit_target
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.latency_model.operator_shapes import file_shapes
from tfkws.tflite.latency_model.probes import Probe, make_probes
from tfkws.tflite.latency_model.profiles import ProfileSet, load_profiles

CHECKED = tuple(Probe(name, "seed_cnn", (40, 32, 1), 10, {"convs": convs}) for name, convs in TABLE_II.items())


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--recipes", default="none,int8", help="of conversion: none (float32), int8")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "latency_model", help="folder of the profiles")


def measure(options: argparse.Namespace) -> None:
    """Profile the probes, fit a model by recipe, and check it on paper B's networks."""
    for recipe in options.recipes.split(","):
        measure_recipe(recipe, options.work / recipe, options.out / recipe)


def measure_recipe(recipe: str, work: Path, out: Path) -> None:
    """Fit and check the model of one recipe, and write it with what it was fitted to."""
    start = time.monotonic()
    with open_fit_target("local", recipe) as target:
        model = fit_target(target, work, make_probes(), TerminalProgress())
    files = [keep_probe(probe, recipe, work / "paper_b") for probe in CHECKED]
    result = summarise(model, check(model, files), time.monotonic() - start)
    profiles = load_profiles(work / PROFILES)
    write_json(out / "latency_model.json", model.to_dict())
    write_json(out / "check.json", result)
    write_text(out / "operators.csv", csv_of(operator_rows(profiles)))
    write_text(out / "networks.csv", csv_of(network_rows(profiles, held_out_predictions(profiles))))
    say(str({name: value for name, value in result.items() if name != "rows"}))


def write_tables(folder: Path) -> None:
    """Write figure and README of each recipe under `folder`."""
    for path in sorted(folder.glob("*/check.json")):
        write_page(path.parent)


def check(model: LatencyModel, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Return predicted and measured latency, microseconds, of files that the fit has not seen."""
    results = benchmark_all(files, BenchmarkSettings(runs=200, seconds=2.0))
    rows = []
    for file, result in zip(files, results, strict=True):
        predicted = model.predict(file_shapes(file))
        rows.append(
            {
                "network": file.stem,
                "predicted_us": predicted.value,
                "predicted_interval_us": (predicted.low, predicted.high),
                "measured_us": result.latency.median_us,
                "measured_interval_us": result.latency.median_interval_us,
                "inside": predicted.low <= result.latency.median_us <= predicted.high,
                "warnings": result.warnings,
            }
        )
    return rows


def summarise(model: LatencyModel, rows: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Sum up the check beside the error on held-out probes; errors are relative."""
    predicted, measured = (np.array([row[name] for row in rows]) for name in ("predicted_us", "measured_us"))
    errors = relative_errors(predicted, measured)
    return {
        "circumstances": asdict(model.circumstances),
        "held_out_probes": asdict(model.held_out),
        "paper_b": {
            "networks": len(rows),
            "inside_the_interval": sum(row["inside"] for row in rows),
            "median_error": float(np.median(errors)),
            "largest_error": float(errors.max()),
        },
        "seconds": round(seconds, 1),
        "rows": rows,
    }


def operator_rows(profiles: ProfileSet) -> list[dict[str, Any]]:
    """Return one row an operator: network, what it is, what it takes."""
    return [
        {"network": network.name, **asdict(shape), profiles.circumstances.unit: f"{value:.3f}"}
        for network in profiles.networks
        for shape, value in zip(network.operators, network.values, strict=True)
    ]


def network_rows(profiles: ProfileSet, predicted: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """Return one row a network: whole, sum of its operators, prediction while held out.

    Args:
        predicted: by network; None where the model refused, missing for anchors. Both become empty cells.
    """
    rows = []
    for network in profiles.networks:
        held_out = predicted.get(network.name)
        rows.append(
            {
                "network": network.name,
                "anchor": network.anchor,
                "whole": f"{network.whole:.3f}",
                "operators_sum": f"{sum(network.values):.3f}",
                "held_out_prediction": "" if held_out is None else f"{held_out:.3f}",
            }
        )
    return rows


def figure(pairs: Sequence[tuple[float, float]], rows: Sequence[dict[str, Any]], bound: float) -> Any:
    """Draw predicted against measured latency, with the bound.

    Args:
        pairs: (measured, predicted) of the probes, each while held out, microseconds.
        rows: of the check on paper B's networks.
        bound: relative error.
    """
    drawing, axis = new_figure()
    axis.scatter(*zip(*pairs, strict=True), s=16, color=GREY, label="probes, each held out")
    checked = [(row["measured_us"], row["predicted_us"]) for row in rows]
    axis.scatter(*zip(*checked, strict=True), s=26, color=ORANGE, marker="D", label="paper B's networks")
    ends = np.array([min(p[0] for p in pairs), max(p[0] for p in pairs)])
    axis.plot(ends, ends, color=BLUE, linewidth=1)
    axis.fill_between(ends, ends / (1 + bound), ends * (1 + bound), color=BLUE, alpha=0.12, linewidth=0)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("measured latency (µs)")
    axis.set_ylabel("predicted latency (µs)")
    axis.legend(frameon=False)
    return drawing


def write_page(folder: Path) -> None:
    """Write figure and README of one recipe from the model, the check and the networks under `folder`."""
    model = load_latency_model(folder / "latency_model.json")
    result = read_json(folder / "check.json")
    with (folder / "networks.csv").open(newline="") as file:
        networks = [row for row in csv.DictReader(file) if row["held_out_prediction"]]
    pairs = [(float(row["whole"]), float(row["held_out_prediction"])) for row in networks]
    save_png(figure(pairs, result["rows"], model.held_out.bound), folder / "predicted.png")
    write_text(folder / "README.md", page(model, result))


def page(model: LatencyModel, result: dict[str, Any]) -> str:
    """Return the README of one recipe."""
    held = result["held_out_probes"]
    paper = result["paper_b"]
    lines = [
        f"# Latency model of {model.circumstances.cpu}, recipe {model.circumstances.recipe}",
        "",
        f"{model.operators} operators in {model.networks} networks. {held['networks']} networks held out: median error "
        f"{100 * held['median']:.1f} %, {100 * held['coverage']:.0f} % within {100 * held['bound']:.1f} %.",
        f"Paper B's {paper['networks']} networks, which the fit has not seen, timed by `tfkws benchmark`: median error "
        f"{100 * paper['median_error']:.1f} %, largest {100 * paper['largest_error']:.1f} %, "
        f"{paper['inside_the_interval']} inside the interval.",
        "",
        "![predicted against measured](predicted.png)",
        "",
        "Made by `python -m benchmarks profile/latency_model`.",
        "",
    ]
    return "\n".join(lines)
