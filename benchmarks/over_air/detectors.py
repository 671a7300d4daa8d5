"""The detectors of "happy" that the over-air studies hear with: trained, converted, bundled, and scored on clips.

    python -m benchmarks over-air/detectors DATA [--runs FOLDER]

DATA is a folder in Speech Commands' layout, with room responses. A training that is finished under --runs is not
repeated. The bundles stay there; the page keeps the settings and the scores.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.records import ARTIFACTS, read_records, say, write_table
from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData, load_task
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.bundle import bundle_folder
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.evaluate import evaluate
from tfkws.pipeline.parts.detector import open_detector
from tfkws.pipeline.train import run_name, run_on, train_model
from tfkws.result_files import ResultName
from tfkws.run_folder import read_json, write_json
from tfkws.training.model_folder import ModelFolder
from tfkws.training.recipes import get_recipe
from tfkws.units import format_bytes, format_count, format_percent
from tfkws.views.table import Record, Table, number, table_of, text

# The protocol has 3.3 other clips a clip with the word; hours of audio hold far more that is not it.
TASK = replace(make_task("wake-word", ("happy",)), unknown_percent=900.0, silence_percent=100.0)
NETWORKS = {
    "kws10": "mfcc-40x32",
    "mlperf_ds_cnn": "mfcc-49x10",
    "matchboxnet_3x1x64": "logmel-40x98",
    "tc_resnet8": "logmel-40x98",
    "bc_resnet_1": "mfcc-40x32",
    "kws1": "mfcc-40x32",
}
STEMS = ("none", "int8")  # conversion recipes: float32, and int8
ITERATIONS = 2_000
REVERB_SHARE = 0.3


def training_recipe() -> TrainConfig:
    """Return the recipe `best`, shortened, with room responses on a part of the clips."""
    recipe = get_recipe("best", iterations=ITERATIONS)
    if recipe.augment is None:
        raise SystemExit("The recipe best has no augmentation to add rooms to.")
    return replace(recipe, recipe="best-rooms", augment=replace(recipe.augment, reverb_probability=REVERB_SHARE))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of clips")
    parser.add_argument("--runs", type=Path, default=ARTIFACTS / "over-air" / "detectors", help="default: %(default)s")


def measure(options: argparse.Namespace) -> None:
    """Train what is not trained, and score what has no record yet."""
    if options.data is None:
        raise SystemExit("Give the folder of clips, or --tables.")
    records = options.out / "detectors"
    if all((records / f"{model}.json").exists() for model in NETWORKS):
        return
    data = load_task(options.data, TASK)
    for model, front_end in NETWORKS.items():
        if not (records / f"{model}.json").exists():
            run = run_on(data, options.data, TASK, get_front_end(front_end), ModelConfig(model), training_recipe())
            folder = train_model(run, data, options.runs / run_name(run))
            bundles = {stem: make_bundle(folder, stem, data) for stem in STEMS}
            write_json(records / f"{model}.json", describe(run, folder, bundles, data))
            say(f"{model}: there")


def make_bundle(folder: ModelFolder, stem: str, data: TaskData) -> Path:
    """Convert and bundle what was not yet; return the bundle's path."""
    if not (folder.path / ResultName("model", stem).file).exists():
        convert_folder(folder, stem, data=data)
    bundle = folder.path / ResultName("bundle", f"{folder.config.model.name}-{stem}").file
    return bundle if bundle.exists() else bundle_folder(folder, stem)


def describe(run: RunConfig, folder: ModelFolder, bundles: dict[str, Path], data: TaskData) -> dict[str, Any]:
    """Return the record of a detector: how it was trained, and what it scores on clips."""
    cost = read_json(folder.path / "cost.json")
    return {
        "model": run.model.name,
        "front_end": run.features.name,
        "macs": cost["macs"],
        "params": cost["params"],
        "train": run.train.to_dict(),
        "task": run.task.to_dict(),
        "training_clips": len(data.splits["training"].labels),
        "synthetic_speech": data.synthetic,
        "manifest": data.manifest.split_digests,
        "forms": {stem: scores_of(path, data, run.task) for stem, path in bundles.items()},
    }


def scores_of(bundle: Path, data: TaskData, task: TaskConfig) -> dict[str, Any]:
    """Return size and scores of a bundle's file on the testing clips."""
    evaluation, _ = evaluate(open_detector(bundle), data, task, "testing")
    scores = evaluation.scores
    kept = ("clips", "speakers", "f1", "f1_interval", "precision", "recall", "recall_interval")
    size = bundle.with_name(ResultName("model", bundle.stem.rpartition("-")[2]).file).stat().st_size
    return {"bytes": size, **{name: getattr(scores, name) for name in kept}}


def write_tables(folder: Path) -> None:
    """Write the table from the records; measures nothing."""
    write_table(folder, "detectors", table(read_records(folder / "detectors")))


def table(records: Sequence[Record]) -> Table:
    """Return what each detector is and scores, with float32 and int8 weights."""
    rows = [{**record, "form": form, **scores} for record in records for form, scores in record["forms"].items()]
    columns = (
        text("network", "model"),
        text("front end", "front_end"),
        text("numbers", "form", lambda form: "float32" if form == "none" else form),
        number("MACs", "macs", format_count),
        number("parameters", "params", format_count),
        number("file", "bytes", format_bytes),
        number("F1", "f1", format_percent),
        number("95 %", "f1_interval", _interval),
        number("recall", "recall", format_percent),
        number("precision", "precision", format_percent),
    )
    clips, speakers = rows[0]["clips"], rows[0]["speakers"]
    note = (
        f'Protocol wake-word, "happy", {clips} testing clips of {speakers} speakers, recorded; one seed; trained on '
        "speakers of the training split. Intervals: speakers resampled."
    )
    return table_of("Detectors of happy, on clips", columns, rows, note=note)


def _interval(ends: Sequence[float]) -> str:
    return f"[{100 * ends[0]:.1f}, {100 * ends[1]:.1f}] %"
