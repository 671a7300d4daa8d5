"""Is the data pipeline ever the bottleneck? Front ends and batches alone, and training with and without augmentation.

    python benchmarks/data_pipeline.py DATA_DIR [--out result.json] [--models kws10,kws1] [--seconds 10]

DATA_DIR is a folder in Speech Commands' layout. Training on maps computed once ("cached") is the throughput to reach;
the share that training on freshly augmented waveforms reaches is printed in percent. The two are measured in turns, so
that a machine whose speed drifts treats both alike; the median of the turns' ratios is reported.
"""

import argparse
import os
import statistics
import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import AugmentConfig, TrainConfig
from tfkws.data.batches import BatchSource
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData, load_task
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.run_folder import write_json

WORDS = ("yes", "no", "up", "down", "left", "right", "go", "stop")
FRONT_END = "mfcc-40x32"
BATCH = 100
TURNS = 3


def time_front_ends(audio: np.ndarray) -> dict[str, float]:
    """Microseconds a clip of each front end, the best of five passes over 200 clips."""
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
    """The same clips from maps computed once, and with shift, noise and gain, without and with room responses."""
    features = FRONT_ENDS[FRONT_END]
    settings = {"cached": None, "augmented": AugmentConfig(), "augmented+rooms": AugmentConfig(reverb_probability=0.3)}
    return {
        name: BatchSource(data.splits["training"], features, BATCH, 0, augment, data.noises, data.responses)
        for name, augment in settings.items()
    }


def batches_per_second(source: BatchSource, seconds: float) -> float:
    """Clips a second when nothing else runs."""
    start, done = time.perf_counter(), 0
    for _ in source.stream(0, 1_000_000):
        done += 1
        if time.perf_counter() - start > seconds:
            break
    return done * source.batch_size / (time.perf_counter() - start)


def training_per_second(learner: Any, source: BatchSource, seconds: float) -> float:
    """Clips a second of training steps."""
    stream = source.stream(0, 1_000_000)
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
    """Throughputs of one network, and the share of the cached one that the others reach."""
    from tfkws.models import build_model
    from tfkws.training.learner import Learner

    model = build_model(name, input_shape=FRONT_ENDS[FRONT_END].input_shape, num_classes=len(data.labels))
    learner, made = Learner(model, TrainConfig()), sources(data)
    turns = []
    for _ in range(TURNS):
        turns.append({key: training_per_second(learner, made[key], seconds) for key in made})
        print(name, turns[-1], flush=True)
    shares = {key: [turn[key] / turn["cached"] for turn in turns] for key in made if key != "cached"}
    return {
        "clips_per_second": {key: round(statistics.median(turn[key] for turn in turns), 1) for key in made},
        "percent_of_cached": {key: round(100 * statistics.median(values), 1) for key, values in shares.items()},
        "turns": turns,
    }


def main() -> None:
    """Measure, print, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--models", default="kws10,kws1")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    start = time.perf_counter()
    data = load_task(options.data_dir, make_task("commands", WORDS))
    result: dict[str, Any] = {"cores": os.cpu_count(), "synthetic_speech": data.synthetic, "batch": BATCH}
    result["load_seconds"] = round(time.perf_counter() - start, 2)
    result["front_end_us_per_clip"] = time_front_ends(data.splits["training"].audio[:200])
    print(result, flush=True)
    result["batches_clips_per_second"] = {
        name: round(batches_per_second(source, options.seconds), 1) for name, source in sources(data).items()
    }
    result["training"] = {name: compare_training(name, data, options.seconds) for name in options.models.split(",")}
    result["load_average"] = [round(value, 2) for value in os.getloadavg()]
    for key, value in result.items():
        print(key, value)
    if options.out:
        write_json(options.out, result)


if __name__ == "__main__":
    main()
