"""Measurements of one network: latency in turns with the seed network, time of operators and of Keras layers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.records import ARTIFACTS
from benchmarks.zoo_files import task_of, zoo_file
from tfkws.config import BenchmarkSettings, OperatorSettings
from tfkws.profiling.explain.roofline import Roofline
from tfkws.profiling.measure.layer_profile import thin
from tfkws.run_folder import read_json, write_text
from tfkws.tflite.benchmark.latency import benchmark_all
from tfkws.tflite.profile.litert import profile

LAYERS_FOLDER = ARTIFACTS / "profile_layers"
TYPES = {"float32": "none", "int8": "int8"}  # conversion recipe by type of number
SEED_NETWORK = "seed_cnn"
SLOW = frozenset({"densenet_bc_190_40", "effnetv2_xl", "effnetv2_m", "efficientnet_b7"})
TRIALS = 3
LAYER_TRIALS = 5
KEPT_SAMPLES = 100  # of each process
OPERATOR_FIELDS = (
    "index", "opcode", "name", "layer_class", "method", "macs", "params", "weight_bytes", "bytes_moved", "time_us",
)  # fmt: skip


def measure_latency(out: Path, name: str) -> None:
    """Time both files of a network in turns with those of the seed network."""
    paths = {f"{n}-{kind}": zoo_file(n, TYPES[kind]) for n in dict.fromkeys((SEED_NETWORK, name)) for kind in TYPES}
    results = benchmark_all(list(paths.values()), BenchmarkSettings(seconds=5.0))
    values = {key: _thin_samples(result.to_dict()) for key, result in zip(paths, results, strict=True)}
    write_rows(out / f"latency-{name}.json", values)


def _thin_samples(result: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the summary of all samples, and every k-th sample; warm-ups go."""
    kept = [list(process[:: max(1, len(process) // KEPT_SAMPLES)]) for process in result["samples_ns"]]
    return dict(result) | {"samples_ns": kept, "warmup_ns": [], "thinned": "every k-th sample, no warm-ups"}


def measure_operators(out: Path, name: str, kind: str) -> None:
    """Profile one file several times; keep the first profile, with each operator's time in every trial."""
    runs = 20 if name in SLOW else 100
    limits = Roofline.from_dict(read_json(out / "roofline.json"))
    trials = [
        profile(zoo_file(name, TYPES[kind]), OperatorSettings(runs=runs), limits).to_dict() for _ in range(TRIALS)
    ]
    rows = []
    for position, row in enumerate(trials[0]["rows"]):
        times = [round(trial["rows"][position]["time_us"], 3) for trial in trials]
        mean_us = round(sum(times) / TRIALS, 3)
        rows.append({field: row[field] for field in OPERATOR_FIELDS} | {"time_us": mean_us, "trial_us": times})
    each = {f"{field}_trials": [trial[field] for trial in trials] for field in ("whole_us", "sum_us", "difference")}
    values = trials[0] | each | {"model": name, "trials": TRIALS, "thinned": "without names of kernels", "rows": rows}
    write_rows(out / f"operators-{name}-{kind}.json", values)


def measure_layers(out: Path, name: str, backend: str, device: str) -> None:
    """Run `tfkws profile layers NAME` in a process of its own and keep one figure a layer and repeat."""
    stem = f"layers-{device}-{backend}"
    task, folder = task_of(name), LAYERS_FOLDER / name
    size = f"{task.input_shape[0]}x{task.input_shape[1]}"
    command = [sys.executable, "-m", "tfkws", "profile", "layers", name, "--input-size", size,
               "--classes", str(task.classes), "--device", device, "--trials", str(LAYER_TRIALS),
               "--runs", "5" if name in SLOW else "20", "--out", str(folder)]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"KERAS_BACKEND": backend})
    write_rows(out / f"{stem}-{name}.json", thin(read_json(folder / f"{stem}.json")))


def write_rows(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON with one line a key and one an operator or layer: small files, readable differences."""
    lines = []
    for key, item in value.items():
        if key == "rows":
            body = ",\n  ".join(json.dumps(row, allow_nan=False) for row in item)
            lines.append(f' "rows": [\n  {body}\n ]')
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(item, allow_nan=False)}")
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")
