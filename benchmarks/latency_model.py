"""Fit latency models of this machine, and check them on the thirteen networks of paper B, timed by the benchmark.

    python benchmarks/latency_model.py [--recipes none,int8]

The probes are random networks (`tfkws.tflite.latency_model.probes`); the seed and kws1 to kws12 are not among them.
Writes model, operators, networks, check and figure to artifacts/published/profile/latency_model/RECIPE/; work
files go to artifacts/latency_model/. Interrupted, the same command goes on.
"""

import argparse
import csv
import io
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.cli.terminal.progress import TerminalProgress
from tfkws.models.seed_cnn import TABLE_II
from tfkws.pipeline.target.fit import PROFILES, fit_target
from tfkws.report.plots import BLUE, GREY, ORANGE, new_figure, save_png
from tfkws.run_folder import write_json, write_text
from tfkws.tflite.benchmark.latency import BenchmarkSettings, benchmark_all
from tfkws.tflite.latency_model.fit import held_out_predictions, relative_errors
from tfkws.tflite.latency_model.fit_target import open_fit_target
from tfkws.tflite.latency_model.model import LatencyModel
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, file_shapes
from tfkws.tflite.latency_model.probes import Probe, make_probes, write_probe
from tfkws.tflite.latency_model.profiles import ProfileSet, load_profiles

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CHECKED = tuple(Probe(name, "seed_cnn", (40, 32, 1), 10, {"convs": convs}) for name, convs in TABLE_II.items())


def check(model: LatencyModel, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Predicted and measured latency of files that the fit has not seen; the measured one as `tfkws benchmark` does."""
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
    """How well the check went, beside the error on held-out probes."""
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


def operators_csv(profiles: ProfileSet) -> str:
    """One row an operator: network, what it is, what it takes."""
    return _csv(
        ("network", *OperatorShape.__dataclass_fields__, profiles.circumstances.unit),
        [
            (network.name, *asdict(shape).values(), f"{value:.3f}")
            for network in profiles.networks
            for shape, value in zip(network.operators, network.values, strict=True)
        ],
    )


def networks_csv(profiles: ProfileSet, predicted: dict[str, float | None]) -> str:
    """One row a network: whole, sum of its operators, prediction while held out (empty: an anchor, or refused)."""
    found = [(network, predicted.get(network.name)) for network in profiles.networks]
    return _csv(
        ("network", "anchor", "whole", "operators_sum", "held_out_prediction"),
        [
            (n.name, n.anchor, f"{n.whole:.3f}", f"{sum(n.values):.3f}", "" if p is None else f"{p:.3f}")
            for n, p in found
        ],
    )


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def figure(profiles: ProfileSet, predicted: dict[str, float | None], rows: list[dict[str, Any]], bound: float) -> Any:
    """Predicted against measured, probes while held out and the networks of paper B, with the bound."""
    drawing, axis = new_figure()
    wholes = {network.name: network.whole for network in profiles.networks}
    pairs = [(wholes[name], value) for name, value in predicted.items() if value is not None]
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


def publish(recipe: str, model: LatencyModel, profiles: ProfileSet, result: dict[str, Any], out: Path) -> None:
    """Write what the page and the README quote."""
    predicted = held_out_predictions(profiles)
    model.save(out / "latency_model.json")
    write_json(out / "check.json", result)
    write_text(out / "operators.csv", operators_csv(profiles))
    write_text(out / "networks.csv", networks_csv(profiles, predicted))
    save_png(figure(profiles, predicted, result["rows"], model.held_out.bound), out / "predicted.png")
    held, paper = result["held_out_probes"], result["paper_b"]
    lines = [
        f"# Latency model of {model.circumstances.cpu}, recipe {recipe}",
        "",
        f"{model.operators} operators in {model.networks} networks. {held['networks']} networks held out: median error "
        f"{100 * held['median']:.1f} %, {100 * held['coverage']:.0f} % within {100 * held['bound']:.1f} %.",
        f"Paper B's {paper['networks']} networks, which the fit has not seen, timed by `tfkws benchmark`: median error "
        f"{100 * paper['median_error']:.1f} %, largest {100 * paper['largest_error']:.1f} %, "
        f"{paper['inside_the_interval']} inside the interval.",
        "",
        "![predicted against measured](predicted.png)",
        "",
        "Made by `make latency-model`.",
        "",
    ]
    write_text(out / "README.md", "\n".join(lines))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", default="none,int8", help="none (float32), int8")
    parser.add_argument("--out", type=Path, default=ARTIFACTS / "published" / "profile" / "latency_model")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "latency_model")
    options = parser.parse_args()
    probes = make_probes()
    for recipe in options.recipes.split(","):
        start, work = time.monotonic(), options.work / recipe
        with open_fit_target("local", recipe) as target:
            model = fit_target(target, work, probes, TerminalProgress())
        files = [write_probe(probe, recipe, work / "paper_b") for probe in CHECKED]
        result = summarise(model, check(model, files), time.monotonic() - start)
        publish(recipe, model, load_profiles(work / PROFILES), result, options.out / recipe)
        print({name: value for name, value in result.items() if name != "rows"})


if __name__ == "__main__":
    main()
