"""One training of the plan: train, convert to int8, answer every clip, keep a record small enough to publish."""

import time
from pathlib import Path
from typing import Any

from benchmarks.accuracy.plan import TASKS, Training
from benchmarks.answers import SPLITS, answers_of, digests_of, write_clips
from tfkws.config import ModelConfig, RunConfig
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import ParityError
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.conversion_files import conversion_files
from tfkws.pipeline.parts.detector import open_detector
from tfkws.pipeline.train import evaluate_trained, run_name, run_on, train_model
from tfkws.run_folder import read_json, write_json
from tfkws.training.recipes import RECIPES, get_recipe


def run_one(data_dir: Path, runs: Path, published: Path, row: Training, seed: int) -> str:
    """Make one run and its record; returns a line about it."""
    record = published / "runs" / f"{record_name(row, seed)}.json"
    if record.exists():
        return f"{record.stem}: there"
    start = time.monotonic()
    data = load_task(data_dir, TASKS[row.task])
    run = settings(row, seed, data, data_dir)
    folder = train_model(run, data, runs / run_name(run))
    evaluate_trained(folder, data)
    int8 = convert(folder, data)
    write_clips(published, data)
    write_json(record, describe(row, seed, run, folder.path, int8, data))
    scores = read_json(folder.path / "evaluation-keras-testing.json")
    return f"{record.stem}: testing {100 * scores['accuracy']:.1f} %, {time.monotonic() - start:.0f} s"


def record_name(row: Training, seed: int) -> str:
    """Return the name of a run's record."""
    return f"{row.task}-{row.model}-{row.recipe}-{row.clips_seen // 1000}k-seed{seed}"


def settings(row: Training, seed: int, data: TaskData, data_dir: Path) -> RunConfig:
    """Return everything that determines the run; the recipe is shortened or lengthened to `clips_seen`."""
    iterations = row.clips_seen // RECIPES[row.recipe].batch_size
    recipe = get_recipe(row.recipe, iterations=iterations, seed=seed)
    return run_on(data, data_dir, TASKS[row.task], get_front_end(row.front_end), ModelConfig(row.model), recipe)


def convert(folder: Any, data: TaskData) -> Path:
    """Convert to int8; a conversion that the gate refused is scored all the same."""
    file = conversion_files(folder.path, "int8").model
    if file.exists():
        return file
    try:
        return convert_folder(folder, "int8", data=data)
    except ParityError:
        return conversion_files(folder.path, "int8.rejected").model


def describe(row: Training, seed: int, run: RunConfig, folder: Path, int8: Path, data: TaskData) -> dict[str, Any]:
    """Return the record of a run: what it was, and the answer to every clip as one character."""
    cost = read_json(folder / "cost.json")
    training = read_json(folder / "training.json")
    by_form = {form: answers_of(open_detector(path), data) for form, path in (("keras", folder), ("int8", int8))}
    answers = {split: {form: found[split] for form, found in by_form.items()} for split in SPLITS}
    return {
        "task": row.task, "protocol": run.task.protocol, "words": run.task.words, "labels": data.labels,
        "front_end": row.front_end, "model": row.model, "macs": cost["macs"], "params": cost["params"],
        "recipe": row.recipe, "train": run.train.to_dict(), "clips_seen": row.clips_seen, "seed": seed,
        "training": training, "int8_passed_gate": int8.stem == "int8", "int8_bytes": int8.stat().st_size,
        "manifest": digests_of(data),
        "synthetic_speech": data.synthetic, "answers": answers,
    }  # fmt: skip
