"""Measure what artifacts/published/profile/ holds: paper A's eight networks, paper B's seed and kws1 to kws12.

    python benchmarks/profile_tables.py [--only dscnn,cnn] [--stages latency,operators] [--device cpu]

Every stage of every network is a file; what is there is kept, so the same command goes on after an interruption, and a
file to be measured again is deleted first. The weights are random, of one seed (benchmarks/zoo_files.py): neither
latency nor profile depends on their values. Stages:

- files: the .tflite files, in artifacts/zoo_files/ (ignored by git; the largest take minutes and 10 GB of memory)
- roofline: peak multiply rate and bandwidths of this machine, through the runtime
- latency: float32 and int8 in turns with the seed network, so that ratios come from one run
- operators: time per operator, several trials
- layers: time per Keras layer on --device, in a process for each network (of the eight only)
- tables: everything that is computed from these files; needs none of the others
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from profile_pages import write_pages
from zoo_files import COMMANDS, WAKE_WORD, task_of, zoo_file

from tfkws.profiling.explain.roofline import Roofline
from tfkws.profiling.measure.layer_profile import thin
from tfkws.run_folder import read_json, write_text
from tfkws.tflite.benchmark.latency import BenchmarkSettings, benchmark_all
from tfkws.tflite.profile.litert import profile
from tfkws.tflite.profile.measure_roofline import measure_roofline

OUT = Path("artifacts/published/profile")
LAYERS_FOLDER = Path("artifacts/profile_layers")
# JAX's calls cost microseconds, TensorFlow's a tenth of a millisecond; and JAX is what runs on a GPU elsewhere.
BACKENDS = ("jax",) if importlib.util.find_spec("jax") else ("tensorflow",)
STAGES = ("files", "roofline", "latency", "operators", "layers", "tables")
TYPES = {"float32": "none", "int8": "int8"}
SEED_NETWORK = "seed_cnn"
SLOW = frozenset({"densenet_bc_190_40", "effnetv2_xl", "effnetv2_m", "efficientnet_b7"})
TRIALS = 3
LAYER_TRIALS = 5
KEPT_SAMPLES = 100  # of each process
OPERATOR_FIELDS = (
    "index", "opcode", "name", "layer_class", "method", "macs", "params", "weight_bytes", "bytes_moved", "time_us",
)  # fmt: skip


def measure_latency(name: str) -> None:
    """Time both files of a network in turns with those of the seed network."""
    paths = {f"{n}-{kind}": zoo_file(n, TYPES[kind]) for n in dict.fromkeys((SEED_NETWORK, name)) for kind in TYPES}
    results = benchmark_all(list(paths.values()), BenchmarkSettings(seconds=5.0))
    values = {key: _thin_samples(result.to_dict()) for key, result in zip(paths, results, strict=True)}
    _write(OUT / f"latency-{name}.json", values)


def _thin_samples(result: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the summary of all samples, and every k-th sample; warm-ups go."""
    kept = [list(process[:: max(1, len(process) // KEPT_SAMPLES)]) for process in result["samples_ns"]]
    return dict(result) | {"samples_ns": kept, "warmup_ns": [], "thinned": "every k-th sample, no warm-ups"}


def measure_operators(name: str, kind: str) -> None:
    """Profile one file several times; keep the first profile, with each operator's time in every trial."""
    runs = 20 if name in SLOW else 100
    limits = Roofline.from_dict(read_json(OUT / "roofline.json"))
    trials = [profile(zoo_file(name, TYPES[kind]), runs=runs, roofline=limits).to_dict() for _ in range(TRIALS)]
    rows = []
    for position, row in enumerate(trials[0]["rows"]):
        times = [round(trial["rows"][position]["time_us"], 3) for trial in trials]
        mean_us = round(sum(times) / TRIALS, 3)
        rows.append({field: row[field] for field in OPERATOR_FIELDS} | {"time_us": mean_us, "trial_us": times})
    each = {f"{field}_trials": [trial[field] for trial in trials] for field in ("whole_us", "sum_us", "difference")}
    values = trials[0] | each | {"model": name, "trials": TRIALS, "thinned": "without names of kernels", "rows": rows}
    _write(OUT / f"operators-{name}-{kind}.json", values)


def measure_layers(name: str, backend: str, device: str) -> None:
    """Run `tfkws profile NAME` in a process of its own and keep one figure a layer and trial."""
    stem = f"layers-{device}-{backend}"
    task, folder = task_of(name), LAYERS_FOLDER / name
    size = f"{task.input_shape[0]}x{task.input_shape[1]}"
    command = [sys.executable, "-m", "tfkws", "profile", name, "--input-size", size, "--classes", str(task.classes),
               "--device", device, "--trials", str(LAYER_TRIALS), "--runs", "5" if name in SLOW else "20",
               "--out", str(folder)]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"KERAS_BACKEND": backend})
    _write(OUT / f"{stem}-{name}.json", thin(read_json(folder / f"{stem}.json")))


def _write(path: Path, value: Mapping[str, Any]) -> None:
    """JSON with one line a key and one an operator or layer: small files, readable differences."""
    lines = []
    for key, item in value.items():
        if key == "rows":
            body = ",\n  ".join(json.dumps(row, allow_nan=False) for row in item)
            lines.append(f' "rows": [\n  {body}\n ]')
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(item, allow_nan=False)}")
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


@dataclass(frozen=True)
class Job:
    """One piece of work and the file that shows it was done; without a file it is asked every time."""

    title: str
    path: Path | None
    run: Callable[[], Any]


def jobs(names: Sequence[str], stages: Sequence[str], backends: Sequence[str], device: str) -> Iterator[Job]:
    """Everything that is to do, network by network."""
    if "roofline" in stages:
        path = OUT / "roofline.json"
        yield Job("roofline", path, lambda: _write(path, measure_roofline().to_dict()))
    for name in names:
        if "files" in stages:
            for kind, recipe in TYPES.items():
                yield Job(f"file {name} {kind}", None, partial(zoo_file, name, recipe))
        if "latency" in stages:
            yield Job(f"latency {name}", OUT / f"latency-{name}.json", partial(measure_latency, name))
        if "operators" in stages:
            for kind in TYPES:
                path = OUT / f"operators-{name}-{kind}.json"
                yield Job(f"operators {name} {kind}", path, partial(measure_operators, name, kind))
        if "layers" in stages and name in WAKE_WORD:
            for backend in backends:
                path = OUT / f"layers-{device}-{backend}-{name}.json"
                yield Job(f"layers {name} {backend} {device}", path, partial(measure_layers, name, backend, device))


def main() -> None:
    """Do what is missing, telling how long each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join((*COMMANDS, *WAKE_WORD)), help="names, separated by commas")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--backends", default=",".join(BACKENDS), help="for the layers stage")
    parser.add_argument("--device", default="cpu", choices=("cpu", "gpu"), help="for the layers stage")
    asked = parser.parse_args()
    stages = asked.stages.split(",")
    for job in jobs(asked.only.split(","), stages, asked.backends.split(","), asked.device):
        if job.path is not None and job.path.exists():
            continue
        started = time.monotonic()
        job.run()
        print(f"{job.title}: {time.monotonic() - started:.0f} s", flush=True)
    if "tables" in stages:
        write_pages(OUT)


if __name__ == "__main__":
    main()
