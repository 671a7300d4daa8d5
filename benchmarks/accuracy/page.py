"""Train the networks of the plan (accuracy/plan.py), float32 and int8, and score them.

    python -m benchmarks accuracy DATA [--jobs 2]

DATA is a folder in Speech Commands' layout. Each training is a process of its own with one thread of TensorFlow,
`--jobs` of them at a time; what is finished is not repeated, what was stopped goes on.
"""

import argparse
import multiprocessing
import os
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.plan import PLAN, Training
from benchmarks.accuracy.tables import write_tables
from benchmarks.records import ARTIFACTS, say
from tfkws.child_processes import end_with_parent

__all__ = ["add_options", "measure", "write_tables"]
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
Job = tuple[Path, Path, Path, Training, int]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of training."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of clips")
    parser.add_argument("--runs", type=Path, default=ARTIFACTS / "accuracy", help="folder of the trained models")
    parser.add_argument("--jobs", type=int, default=2, help="trainings at a time")


def measure(options: argparse.Namespace) -> None:
    """Run every training of the plan that has no record yet, in the plan's order."""
    if options.data is None:
        raise SystemExit("Give the folder of clips to train on, or --tables.")
    wanted = [(options.data, options.runs, options.out, row, seed) for row in PLAN for seed in range(row.seeds)]
    train_all(wanted, options.jobs)


def train_all(wanted: Sequence[Job], at_a_time: int) -> None:
    """Run jobs side by side, each in a process of its own with one thread; print a line about each."""
    os.environ |= dict.fromkeys(THREADS, "1")
    with multiprocessing.get_context("spawn").Pool(at_a_time, maxtasksperchild=1) as pool:
        for line in pool.imap_unordered(run_job, wanted, chunksize=1):
            say(line)


def run_job(job: Job) -> str:
    """Train, convert, score and record one run; returns a line about it. A failure is told and ends nothing else."""
    from benchmarks.accuracy.runs import run_one

    end_with_parent()
    try:
        return run_one(*job)
    except Exception:  # noqa: BLE001
        return f"{job[3]} seed {job[4]} failed:\n{traceback.format_exc()}"
