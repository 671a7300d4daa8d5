"""Train the accuracy table's networks, float and int8, and write artifacts/published/accuracy/.

    python benchmarks/accuracy DATA_DIR [--runs artifacts/accuracy] [--published artifacts/published/accuracy]
    python benchmarks/accuracy --table-only

DATA_DIR is a folder in Speech Commands' layout. Each training is a process of its own with one thread of TensorFlow,
`--jobs` of them at a time; what is finished is not repeated, what was stopped goes on. The tables are made of the small
records under `published/runs/` alone, so they can be made again without the clips.
"""

import argparse
import multiprocessing
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def main() -> None:
    """Train what is missing, then write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path, nargs="?")
    parser.add_argument("--runs", type=Path, default=Path("artifacts/accuracy"))
    parser.add_argument("--published", type=Path, default=Path("artifacts/published/accuracy"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--table-only", action="store_true")
    options = parser.parse_args()
    if not options.table_only:
        if options.data_dir is None:
            parser.error("give DATA_DIR, or --table-only")
        train_all(options.data_dir, options.runs, options.published, options.jobs)
    import tables

    tables.write_tables(options.published)


def train_all(data_dir: Path, runs: Path, published: Path, jobs: int) -> None:
    """Run every training of the plan that has no record yet, one process each."""
    from plan import PLAN

    os.environ |= dict.fromkeys(THREADS, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    wanted = [(data_dir, runs, published, row, seed) for row in PLAN for seed in range(row.seeds)]
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=1) as pool:
        for line in pool.imap_unordered(run_one, wanted, chunksize=1):
            print(line, flush=True)


def run_one(job: tuple) -> str:
    """Train, convert, score and record one run; a failure is told and ends nothing else."""
    import runs

    try:
        return runs.run_one(*job)
    except Exception:  # noqa: BLE001
        return f"{job[3]} seed {job[4]} failed:\n{traceback.format_exc()}"


if __name__ == "__main__":
    main()
