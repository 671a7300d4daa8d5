"""Train the accuracy table's networks, float and int8, and write artifacts/published/accuracy/.

    python benchmarks/accuracy DATA_DIR [--runs artifacts/accuracy] [--published artifacts/published/accuracy]
    python benchmarks/accuracy --table-only

DATA_DIR is a folder in Speech Commands' layout. Each training is a process of its own with one thread of TensorFlow,
`--jobs` of them at a time; what is finished is not repeated, what was stopped goes on. The tables are made of the small
records under `published/runs/` alone, so they can be made again without the clips.
"""

import argparse
from pathlib import Path

import jobs
import tables


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
        jobs.train_all(options.data_dir, options.runs, options.published, options.jobs)
    tables.write_tables(options.published)


if __name__ == "__main__":
    main()
