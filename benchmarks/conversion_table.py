"""Write artifacts/published/conversion/: trained models x recipes, with size, arena, accuracy, parity and latency.

    python benchmarks/conversion_table.py artifacts/accuracy/RUN ... --out artifacts/published/conversion

One JSON a model; those that are there are not measured again, so an interrupted run goes on. Run it on a quiet machine.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conversion_rows import SPLIT, measure

from tfkws.data.task_data import load_task
from tfkws.report.plots import BLUE, GREY, layer_error_figure, new_figure, save_png
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tflite.convert.workbench import Workbench
from tfkws.tflite.recipes import DEFAULT_CALIBRATION_CLIPS
from tfkws.training.model_folder import WEIGHTS, open_model_folder
from tfkws.units import format_bytes, format_interval, format_percent, format_us
from tfkws.views.table import Table

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported, which the functions do
NAMES = {"none": "float32"}
DIGEST = re.compile("-[0-9a-f]{8}$")  # at the end of a model folder's name
WARNING_NUMBERS = re.compile(r" by \d+ %| \(load [\d.]+\)")
COLUMNS = (
    "model", "recipe", "size", "arena", "accuracy", "95 %", "agreement", "difference", "95 % (points)", "worst layer",
    "latency", "to float32", "range",
)  # fmt: skip


def main() -> None:
    """Measure what is missing, then write tables and figures of everything that is there."""
    options = _options()
    records = options.out / "models"
    for folder in options.folders:
        record = records / f"{folder.name}.json"
        if record.exists() or not (folder / WEIGHTS).is_file():
            _say(f"{folder.name}: {'there' if record.exists() else 'not trained yet'}")
            continue
        _say(f"{folder.name}: measuring")
        write_json(record, measure_model(folder, options.data))
    write_tables(options.out, [read_json(path) for path in sorted(records.glob("*.json"))])


def measure_model(path: Path, data_dir: Path | None) -> dict[str, Any]:
    """The record of one model folder; it names no path of this machine."""
    folder = open_model_folder(path)
    run = folder.config
    data = load_task(data_dir or Path(run.data_dir), run.task)
    bench = Workbench(folder, data, DEFAULT_CALIBRATION_CLIPS, 0, lambda text: None)
    started = time.monotonic()
    measured = measure(bench, _say)
    return {
        "model": DIGEST.sub("", path.name),
        "network": run.model.to_dict(),
        "training_recipe": run.train.recipe,
        "protocol": run.task.protocol,
        "words": list(run.task.words),
        "split": SPLIT,
        "manifest": data.manifest.split_digests[SPLIT],
        "synthetic_speech": data.synthetic,
        "calibration_clips": len(bench.draw.files),
        "seconds": round(time.monotonic() - started),
        **measured,
    }


def write_tables(out: Path, models: list[dict[str, Any]]) -> None:
    """Write both tables as Markdown and CSV, and the figures."""
    tables = (conversion_table(models), remedies_table(models))
    write_text(out / "conversion.md", "\n".join(table.to_markdown() for table in tables))
    for name, table in zip(("conversion", "remedies"), tables, strict=True):
        write_text(out / f"{name}.csv", table.to_csv())
    save_png(differences_figure(models), out / "differences.png")
    save_png(latency_figure(models), out / "latency.png")
    for model in models:
        if layers := model["recipes"].get("int8", {}).get("layers"):
            save_png(layer_error_figure(layers, None), out / f"layers-{model['model']}.png")


def conversion_table(models: list[dict[str, Any]]) -> Table:
    """One row a model and recipe."""
    rows = tuple(_cells(model, name, row) for model in models for name, row in model["recipes"].items())
    notes = [
        f"{SPLIT.capitalize()} split; intervals are 95 %, resampled over speakers; difference is file minus Keras "
        "model, clip by clip.",
        "Arena: activations placed greedily, without scratch buffers. Worst layer: lowest signal to noise against "
        "float32.",
        _machines(models),
        *_remarks(models),
    ]
    return Table("Converted models", COLUMNS, rows, COLUMNS[2:], " ".join(notes))


def remedies_table(models: list[dict[str, Any]]) -> Table:
    """One row a model and way to int8."""
    rows = tuple(
        (
            model["model"], remedy["name"], f"{remedy['logits_snr_db']:.1f} dB",
            *(cell for split in ("validation", SPLIT) for cell in _parity_cells(remedy["splits"][split])),
        )
        for model in models for remedy in model["remedies"]
    )  # fmt: skip
    parity = ("agreement", "difference", "95 % (points)")
    columns = ("model", "int8 by", "logits", *(f"{split} {name}" for split in ("validation", SPLIT) for name in parity))
    note = "Same calibration clips in every row. Logits: signal to noise against float32 on 16 validation clips."
    return Table("Ways to int8", columns, rows, columns[2:], note)


def differences_figure(models: list[dict[str, Any]]) -> Any:
    """Difference of accuracy with its interval, every model and recipe."""
    rows = [(f"{model['model']}, {NAMES.get(name, name)}", row["parity"]) for model, name, row in _rows(models)]
    figure, axis = new_figure(7.5, 1.2 + 0.22 * len(rows))
    for place, (_, parity) in enumerate(rows):
        low, high = (100 * end for end in parity["difference_interval"])
        axis.plot([low, high], [place, place], color=GREY, linewidth=1.5)
        axis.plot(100 * parity["difference"], place, "o", color=BLUE, markersize=4)
    axis.axvline(0, color="black", linewidth=0.6)
    axis.set_yticks(range(len(rows)), [label for label, _ in rows], fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel("accuracy, file minus Keras model (points, 95 %)")
    return figure


def latency_figure(models: list[dict[str, Any]]) -> Any:
    """Latency as a multiple of float32, with the range over rounds."""
    rows = [(f"{model['model']}, {name}", row["latency"]) for model, name, row in _rows(models) if name != "none"]
    figure, axis = new_figure(7.5, 1.2 + 0.22 * len(rows))
    for place, (_, latency) in enumerate(rows):
        axis.plot(latency["ratio_range"], [place, place], color=GREY, linewidth=1.5)
        axis.plot(latency["ratio"], place, "o", color=BLUE, markersize=4)
    axis.axvline(1, color="black", linewidth=0.6)
    axis.set_xscale("log")
    axis.set_yticks(range(len(rows)), [label for label, _ in rows], fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel("latency, multiple of float32")
    return figure


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


def _rows(models: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    return ((model, name, row) for model in models for name, row in model["recipes"].items())


def _machines(models: list[dict[str, Any]]) -> str:
    """On what the latencies were taken; one line where all are from one machine."""
    found = {
        f"Latency: {row['latency']['machine']['cpu']}, one thread, {row['latency']['runtime']}, noise as input, median "
        f"of {row['latency']['rounds']} rounds in turns."
        for _, _, row in _rows(models)
    }
    return " ".join(sorted(found))


def _remarks(models: list[dict[str, Any]]) -> Iterator[str]:
    for model, name, row in _rows(models):
        if row["clips_note"]:
            yield f"* {model['model']}, {name}: {row['clips_note']}."
    yield from _latency_warnings(models)
    for model in models:
        for name, reason in model["refused"].items():
            yield f"{model['model']}, {name}: {reason}"


def _latency_warnings(models: list[dict[str, Any]]) -> Iterator[str]:
    """Each kind of warning once, with the rows that it is about; the numbers are in the JSON."""
    rows_of: dict[str, list[str]] = {}
    for model, name, row in _rows(models):
        for warning in row["latency"]["warnings"]:
            kind = WARNING_NUMBERS.sub("", warning.split(":")[0])
            rows_of.setdefault(kind, []).append(f"{model['model']} {NAMES.get(name, name)}")
    everything = sum(len(model["recipes"]) for model in models)
    for kind, rows in rows_of.items():
        yield f"Latency, {kind}: {'all rows' if len(rows) == everything else ', '.join(rows)}."


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="Trained model folders.")
    parser.add_argument("--out", type=Path, default=Path("artifacts/published/conversion"))
    parser.add_argument("--data", type=Path, help="Folder of clips. Default: the one each model was trained on.")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
