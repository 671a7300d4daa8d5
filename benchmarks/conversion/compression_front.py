"""What int8 and pruning add to a front of networks: accuracy against MACs and file size, one figure and one table.

    python -m benchmarks conversion/compression_front START [START ...] [--data DIR] [--share 0.5] [--iterations 2000]

A START is a search, whose front is taken, or a model folder. Each network gives four points:

    search alone                  float32
    search, int8                  the same weights, converted by the ordinary recipe
    search, more training, int8   fine-tuned as the pruned one is, but whole: what the extra steps alone are worth
    search, pruning, int8         a share of the MACs pruned, fine-tuned, converted

Needs about ten minutes a network of paper B on two cores. Trainings go to artifacts/compression_front/ and are
resumable; one record a network is kept, in a folder with the name of the first START.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.records import ARTIFACTS, NETWORKS, measure_missing, read_records, write_table
from tfkws.config import Compression
from tfkws.intervals import LEVEL
from tfkws.pipeline.compress import prune
from tfkws.pipeline.parts.before_after import compare_before_after
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.train import run_name
from tfkws.report.plots import BLUE, GREEN, GREY, ORANGE, save_png
from tfkws.result_files import FRONT
from tfkws.training.model_folder import ModelFolder, open_model_folder
from tfkws.tuner.progress import read_status
from tfkws.units import format_bytes, format_count, format_interval, format_percent
from tfkws.views.table import Table

SERIES = {
    "search alone": GREY,
    "search, int8": BLUE,
    "search, more training, int8": GREEN,
    "search, pruning, int8": ORANGE,
}
SPLIT = "testing"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("starts", type=Path, nargs="*", help="searches, whose fronts are taken, and model folders")
    parser.add_argument("--data", type=Path, help="folder of clips; default: what each network was trained on")
    parser.add_argument("--share", type=float, default=0.5, help="of the MACs that is pruned, 0 to 1")
    parser.add_argument("--iterations", type=int, default=2_000, help="of fine-tuning")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "compression_front", help="folder of the trainings")


def measure(options: argparse.Namespace) -> None:
    """Measure the networks that have no record yet, into a folder named after the first START."""
    from tfkws.cli.terminal.progress import TerminalProgress

    if not options.starts:
        raise SystemExit("Give a search or model folders, or --tables.")
    progress = TerminalProgress()
    chosen = partial(
        measure_network, share=options.share, iterations=options.iterations, work=options.work, progress=progress
    )
    measure_missing(options.out / options.starts[0].name, model_folders(options.starts), options.data, progress, chosen)


def write_tables(folder: Path) -> None:
    """Write table and figure of each front under `folder`."""
    for networks in sorted(folder.glob(f"*/{NETWORKS}")):
        records = sorted(read_records(networks), key=lambda record: record["points"]["search alone"]["macs"])
        write_table(networks.parent, "compression_front", table(records))
        save_png(figure(records), networks.parent / "compression_front.png")


def model_folders(paths: Sequence[Path]) -> list[ModelFolder]:
    """Open the networks to start from: members of fronts, and model folders."""
    folders = []
    for path in paths:
        if (path / FRONT).is_file():
            folders += [path / str(member["folder"]) for member in read_status(path).members]
        else:
            folders.append(path)
    return [open_model_folder(folder) for folder in folders]


def measure_network(
    source: ModelFolder, data: Any, share: float, iterations: int, work: Path, progress: StageProgress
) -> dict[str, Any]:
    """Fine-tune the network whole and pruned, and collect the four points."""
    plan = Compression(prune_macs=share, iterations=iterations)
    whole, pruned = (
        compare_before_after(source, prune(source, removed, plan, data, work, progress), data, progress)
        for removed in (0.0, share)
    )
    return {
        "network": run_name(source.config),
        "pruned_model": open_model_folder(Path(pruned["result"])).config.model.to_dict(),
        "protocol": source.config.task.protocol,
        "words": list(source.config.task.words),
        "source_iterations": source.config.train.iterations,
        "fine_tune_iterations": iterations,
        "pruned_share": share,
        "synthetic_speech": data.synthetic,
        "points": {
            "search alone": _point(pruned, "Keras before", "float32_bytes"),
            "search, int8": _point(pruned, "int8 before"),
            "search, more training, int8": _point(whole, "int8 after"),
            "search, pruning, int8": _point(pruned, "int8 after"),
        },
        "int8_minus_float": pruned["splits"][SPLIT]["differences"]["int8 before - Keras before"],
        "pruned_minus_whole": {
            when: record["splits"][SPLIT]["differences"]["int8 after - Keras before"]
            for when, record in (("whole", whole), ("pruned", pruned))
        },
    }


def _point(record: dict[str, Any], form: str, size: str = "int8_bytes") -> dict[str, Any]:
    sizes = record["sizes"][form.split()[1]]
    return {"macs": sizes["macs"], "bytes": sizes[size], **record["splits"][SPLIT]["accuracy"][form]}


def table(records: Sequence[dict[str, Any]]) -> Table:
    """Lay out all points, network by network."""
    first = records[0]
    speech = "synthetic speech" if first["synthetic_speech"] else "recorded speech"
    rows = [
        (
            record["network"], series, format_count(point["macs"]), format_bytes(point["bytes"]),
            format_percent(point["accuracy"]), format_interval(point["interval"]),
        )
        for record in records
        for series, point in record["points"].items()
    ]  # fmt: skip
    title = (
        f"{first['protocol']}, {len(first['words'])} words, {SPLIT}, {speech}; {first['pruned_share']:.0%} of the MACs "
        f"pruned, {first['fine_tune_iterations']} iterations of fine-tuning; {LEVEL} intervals over speakers"
    )
    return Table(title, ("network", "point", "MACs", "file", "accuracy", "interval"), tuple(rows))


def figure(records: Sequence[dict[str, Any]]) -> Any:
    """Draw accuracy against MACs on the left, against file size on the right."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    drawn = Figure(figsize=(9.6, 4.2), layout="constrained")
    axes = drawn.subplots(1, 2, sharey=True)
    costs = (("macs", 1, "MACs per inference"), ("bytes", 1024, "file size, KiB"))
    for axis, (cost, unit, label) in zip(axes, costs, strict=True):
        for series, colour in SERIES.items():
            points = sorted((record["points"][series] for record in records), key=lambda point: point[cost])
            accuracy = [point["accuracy"] for point in points]
            errors = [[abs(point["interval"][side] - point["accuracy"]) for point in points] for side in (0, 1)]
            axis.errorbar(
                [point[cost] / unit for point in points], accuracy, yerr=errors, label=series, color=colour, marker="o",
                markersize=4, capsize=2, linewidth=1,
            )  # fmt: skip
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter(lambda value, _: format_count(value) if value >= 1000 else f"{value:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel(label)
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25, linewidth=0.6)
    axes[0].set_ylabel(f"{SPLIT} accuracy, {LEVEL} interval over speakers")
    axes[0].yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axes[1].legend(frameon=False)
    return drawn
