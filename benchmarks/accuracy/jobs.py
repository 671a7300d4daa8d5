"""Run the plan's trainings side by side, each in a process of its own with one thread."""

import multiprocessing
import os
import threading
import traceback
from pathlib import Path

from plan import PLAN

from tfkws.tuner.workers.processes import end_with_parent

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def train_all(data_dir: Path, runs: Path, published: Path, jobs: int) -> None:
    """Run every training of the plan that has no record yet, in the plan's order, `jobs` at a time."""
    os.environ |= dict.fromkeys(THREADS, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    wanted = [(data_dir, runs, published, row, seed) for row in PLAN for seed in range(row.seeds)]
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=1) as pool:
        for line in pool.imap_unordered(run_job, wanted, chunksize=1):
            print(line, flush=True)


def run_job(job: tuple) -> str:
    """Train, convert, score and record one run; a failure is told and ends nothing else."""
    import runs

    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        return runs.run_one(*job)
    except Exception:  # noqa: BLE001
        return f"{job[3]} seed {job[4]} failed:\n{traceback.format_exc()}"
