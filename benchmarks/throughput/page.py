"""How fast batches are made, and whether augmentation slows training down.

    python -m benchmarks throughput DATA [--models kws10,kws1] [--seconds 10]

DATA is a folder in Speech Commands' layout. Training on maps computed once ("cached") is the throughput to reach;
the share that training on freshly augmented waveforms reaches is given in percent. They are measured in turns, so
that a machine whose speed drifts treats them alike; the median of the turns' ratios is reported. Needs a quiet machine.
"""

import argparse
import os
import statistics
import tempfile
import time
from itertools import count, islice, product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import say
from tfkws.config import AugmentConfig, TrainConfig
from tfkws.data.batches import BatchSource
from tfkws.data.clip_index import read_index
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData, load_task
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tflite.targets.machine import read_machine
from tfkws.views.table import Table

FRONT_END = "mfcc-40x32"
BATCH = 100
TURNS = 3
INDEXED_CLIPS = 100_000
RECORD = "data_pipeline.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of clips")
    parser.add_argument("--models", default="kws10,kws1", help="names, separated by commas")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")


def measure(options: argparse.Namespace) -> None:
    """Measure everything, and write one JSON file."""
    if options.data is None:
        raise SystemExit("Give the folder of clips to train on, or --tables.")
    write_json(options.out / RECORD, measure_all(options.data, options.models.split(","), options.seconds))


def measure_all(data_dir: Path, models: list[str], seconds: float) -> dict[str, Any]:
    """Return all measurements, in the order of the page."""
    result: dict[str, Any] = {"machine": read_machine().to_dict(), "index_100000_seconds": time_index(data_dir)}
    load_task(data_dir, make_task("commands"))
    start = time.perf_counter()
    data = load_task(data_dir, make_task("commands"))
    result |= {"synthetic_speech": data.synthetic, "batch": BATCH}
    result["load_seconds"] = round(time.perf_counter() - start, 2)
    result["front_end_us_per_clip"] = time_front_ends(data.splits["training"].audio[:200])
    say(str(result))
    result["batches_clips_per_second"] = {
        name: round(batches_per_second(source, seconds), 1) for name, source in sources(data).items()
    }
    result["training"] = {name: compare_training(name, data, seconds) for name in models}
    return result


def write_tables(folder: Path) -> None:
    """Write the page from the measurements under `folder`."""
    text = lay_out(read_json(folder / RECORD))
    write_text(folder / "data_pipeline.md", text)
    say(text)


def time_index(data_dir: Path, clips: int = INDEXED_CLIPS) -> float:
    """Return the seconds to index a folder of `clips` clips: hard links to `data_dir`'s, each under several names."""
    there = read_index(data_dir).files
    with tempfile.TemporaryDirectory(dir=data_dir.parent) as folder:
        for take, file in islice(product(range(1, 100), there), clips):
            word, name = file.split("/")
            (Path(folder) / word).mkdir(exist_ok=True)
            os.link(data_dir / file, Path(folder) / word / f"{take:02d}{name}")
        start = time.perf_counter()
        found = len(read_index(Path(folder)).files)
        seconds = time.perf_counter() - start
    if found != clips:
        raise SystemExit(f"{found} of {clips} clips were indexed; {data_dir} holds too few.")
    return round(seconds, 2)


def time_front_ends(audio: np.ndarray) -> dict[str, float]:
    """Return microseconds a clip of each front end, the best of five passes over 200 clips."""
    best = {}
    for name, config in FRONT_ENDS.items():
        passes = []
        for _ in range(5):
            start = time.perf_counter()
            extract(audio, config)
            passes.append(time.perf_counter() - start)
        best[name] = round(min(passes) / len(audio) * 1e6, 1)
    return best


def sources(data: TaskData) -> dict[str, BatchSource]:
    """Return the same clips from maps computed once, and augmented without and with room responses."""
    features = FRONT_ENDS[FRONT_END]
    settings = {"cached": None, "augmented": AugmentConfig(), "augmented+rooms": AugmentConfig(reverb_probability=0.3)}
    return {
        name: BatchSource(data.splits["training"], features, BATCH, 0, augment, data.noises, data.responses)
        for name, augment in settings.items()
    }


def batches_per_second(source: BatchSource, seconds: float) -> float:
    """Return clips a second when nothing else runs."""
    start, done = time.perf_counter(), 0
    for _ in source.stream(0, 1_000_000):
        done += 1
        if time.perf_counter() - start > seconds:
            break
    return done * source.batch_size / (time.perf_counter() - start)


def training_per_second(learner: Any, source: BatchSource, seconds: float) -> float:
    """Return clips a second of training steps."""
    stream: Any = source.stream(0, 1_000_000)  # a generator, whose threads end when it is closed
    for iteration in range(5):
        learner.step(iteration, 1e-3, *next(stream))
    start = time.perf_counter()
    for done in count(1):
        learner.step(done, 1e-3, *next(stream))
        if time.perf_counter() - start > seconds:
            break
    rate = done * source.batch_size / (time.perf_counter() - start)
    stream.close()
    return rate


def compare_training(name: str, data: TaskData, seconds: float) -> dict[str, Any]:
    """Return throughputs of one network, and the share of the cached one that the others reach."""
    from tfkws.models import build_model
    from tfkws.training.learner import Learner

    model = build_model(name, input_shape=FRONT_ENDS[FRONT_END].input_shape, num_classes=len(data.labels))
    learner, made = Learner(model, TrainConfig()), sources(data)
    turns = []
    for _ in range(TURNS):
        turns.append({key: training_per_second(learner, made[key], seconds) for key in made})
        say(f"{name} {turns[-1]}")
    shares = {key: [turn[key] / turn["cached"] for turn in turns] for key in made if key != "cached"}
    return {
        "clips_per_second": {key: round(statistics.median(turn[key] for turn in turns), 1) for key in made},
        "percent_of_cached": {key: round(100 * statistics.median(values), 1) for key, values in shares.items()},
        "turns": turns,
    }


def lay_out(result: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    columns = ("network", "batches", "clips a second", "of cached, median", "lowest and highest of the turns")
    rows = []
    for name, training in result["training"].items():
        for kind, rate in training["clips_per_second"].items():
            shares = [100 * turn[kind] / turn["cached"] for turn in training["turns"]]
            share = f"{training['percent_of_cached'][kind]} %" if kind != "cached" else "100 %"
            rows.append((name, kind, f"{rate}", share, f"{min(shares):.0f} to {max(shares):.0f} %"))
    machine, front_ends = result["machine"], result["front_end_us_per_clip"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, load average {machine['load_average']} before the run. "
        f"Recorded speech: {'no, synthetic speech' if result['synthetic_speech'] else 'yes'}.\n",
        f"- index of {INDEXED_CLIPS:,} clips: {result['index_100000_seconds']} s",
        f"- loading the task (decoded before): {result['load_seconds']} s",
        "- front end, µs a clip on one core: " + ", ".join(f"{name} {us}" for name, us in front_ends.items()),
        "- batches alone, clips a second: "
        + ", ".join(f"{name} {rate:,.0f}" for name, rate in result["batches_clips_per_second"].items()),
        "",
    ]
    note = f"Batches of {BATCH}; the three kinds in turns of the same process, {TURNS} turns."
    return "\n".join(lines) + "\n" + Table("Training throughput", columns, tuple(rows), columns[2:], note).to_markdown()
