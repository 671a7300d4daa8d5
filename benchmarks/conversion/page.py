"""Convert trained networks by every recipe, and measure size, arena, accuracy, parity and latency of each file.

    python -m benchmarks conversion RUN ... [--data DIR]

RUN is a trained model folder, such as those under artifacts/accuracy/. One JSON file a model; those that are there are
not measured again, so an interrupted run goes on. Needs a quiet machine.
"""

import argparse
import re
import time
from pathlib import Path
from typing import Any

from benchmarks.conversion.rows import SPLIT
from benchmarks.conversion.rows import measure as measure_rows
from benchmarks.conversion.tables import write_tables
from benchmarks.records import say
from tfkws.config import ConversionSettings
from tfkws.data.task_data import load_task
from tfkws.run_folder import write_json
from tfkws.tflite.convert.workbench import Workbench
from tfkws.training.model_folder import WEIGHTS, open_model_folder

__all__ = ["add_options", "measure", "write_tables"]
DIGEST = re.compile("-[0-9a-f]{8}$")  # at the end of a model folder's name


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("runs", type=Path, nargs="*", help="trained model folders")
    parser.add_argument("--data", type=Path, help="folder of clips; default: the one each model was trained on")


def measure(options: argparse.Namespace) -> None:
    """Measure the models that have no record yet."""
    for folder in options.runs:
        record = options.out / "models" / f"{folder.name}.json"
        if record.exists() or not (folder / WEIGHTS).is_file():
            say(f"{folder.name}: {'there' if record.exists() else 'not trained yet'}")
            continue
        say(f"{folder.name}: measuring")
        write_json(record, measure_model(folder, options.data))


def measure_model(path: Path, data_dir: Path | None) -> dict[str, Any]:
    """Return the record of one model folder; it names no path of this machine."""
    folder = open_model_folder(path)
    run = folder.config
    data = load_task(data_dir or Path(run.data_dir), run.task)
    bench = Workbench(folder, data, ConversionSettings.calibration_clips, 0, lambda text: None)
    started = time.monotonic()
    measured = measure_rows(bench, say)
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
