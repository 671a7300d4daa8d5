"""Measure latency, operators and layers of paper A's eight networks, paper B's seed and kws1 to kws12.

    python -m benchmarks profile [--only dscnn,cnn] [--stages latency,operators] [--device cpu]

Every stage of every network is a file; what is there is kept, so the same command goes on after an interruption, and a
file to be measured again is deleted first. Needs a quiet machine and 20 minutes, more where the largest networks are
to be converted. The weights are random, of one seed (benchmarks/zoo_files.py): neither latency nor profile depends on
their values. TFKWS_SPEECH_COMMANDS names clips to calibrate int8 on. Stages:

- files: the .tflite files, in artifacts/zoo_files/ (ignored by git; the largest take minutes and 10 GB of memory)
- roofline: peak multiply rate and bandwidths of this machine, through the runtime
- latency: float32 and int8 in turns with the seed network, so that ratios come from one run
- operators: time per operator, several trials
- layers: time per Keras layer on --device, in a process for each network (of the eight only)
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.profile.measure import TYPES, measure_latency, measure_layers, measure_operators, write_rows
from benchmarks.profile.tables import write_tables
from benchmarks.records import say
from benchmarks.zoo_files import COMMANDS, WAKE_WORD, zoo_file
from tfkws.tflite.profile.measure_roofline import measure_roofline

__all__ = ["add_options", "measure", "write_tables"]
# JAX's calls cost microseconds, TensorFlow's a tenth of a millisecond; and JAX is what runs on a GPU elsewhere.
BACKENDS = ("jax",) if importlib.util.find_spec("jax") else ("tensorflow",)
STAGES = ("files", "roofline", "latency", "operators", "layers")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--only", default=",".join((*COMMANDS, *WAKE_WORD)), help="names, separated by commas")
    parser.add_argument("--stages", default=",".join(STAGES), help="separated by commas; default: %(default)s")
    parser.add_argument("--backends", default=",".join(BACKENDS), help="of the layers stage; default: %(default)s")
    parser.add_argument("--device", default="cpu", choices=("cpu", "gpu"), help="of the layers stage")


def measure(options: argparse.Namespace) -> None:
    """Measure what is missing, and tell how long each took."""
    names = options.only.split(",")
    for job in jobs(options.out, names, options.stages.split(","), options.backends.split(","), options.device):
        if job.path is not None and job.path.exists():
            continue
        started = time.monotonic()
        job.run()
        say(f"{job.title}: {time.monotonic() - started:.0f} s")


@dataclass(frozen=True)
class Job:
    """One piece of work and the file that shows it was done; without a file it is asked every time."""

    title: str
    path: Path | None
    run: Callable[[], Any]


def jobs(out: Path, names: Sequence[str], stages: Sequence[str], backends: Sequence[str], device: str) -> Iterator[Job]:
    """Yield everything that is to do, network by network."""
    if "roofline" in stages:
        path = out / "roofline.json"
        yield Job("roofline", path, lambda: write_rows(path, measure_roofline().to_dict()))
    for name in names:
        if "files" in stages:
            for kind, recipe in TYPES.items():
                yield Job(f"file {name} {kind}", None, partial(zoo_file, name, recipe))
        if "latency" in stages:
            yield Job(f"latency {name}", out / f"latency-{name}.json", partial(measure_latency, out, name))
        if "operators" in stages:
            for kind in TYPES:
                path = out / f"operators-{name}-{kind}.json"
                yield Job(f"operators {name} {kind}", path, partial(measure_operators, out, name, kind))
        if "layers" in stages and name in WAKE_WORD:
            for backend in backends:
                path = out / f"layers-{device}-{backend}-{name}.json"
                yield Job(
                    f"layers {name} {backend} {device}", path, partial(measure_layers, out, name, backend, device)
                )
