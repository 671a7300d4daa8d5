"""Latency of the same networks as .tflite files, by LiteRT on the GPU and on the CPU. A process of its own.

    python3 -m benchmarks.gpu.litert FOLDER RESULTS NETWORK --runtime litert-gpu

Weights are drawn here (`benchmarks.gpu.weightless`). A file or a machine that cannot is a record with the reason.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.gpu.prepared import FILES, read_plan
from benchmarks.gpu.results import litert_path
from benchmarks.gpu.weightless import load_weightless
from tfkws.config import BenchmarkSettings
from tfkws.errors import TfkwsError
from tfkws.run_folder import write_json


def measure(folder: Path, name: str, runtime: str, runs: int) -> dict[str, Any]:
    """Return the benchmark's result of one file, or why there is none."""
    from tfkws.tflite.benchmark.latency import benchmark_all

    settings = BenchmarkSettings(runtime=runtime, processes=1, runs=runs, warmup_runs=min(20, runs), seconds=2.0)
    with tempfile.TemporaryDirectory(prefix="tfkws-litert-") as temporary:
        file = Path(temporary) / f"{name}.tflite"
        file.write_bytes(load_weightless(folder / FILES / f"{name}.bin"))
        try:
            return benchmark_all([file], settings)[0].to_dict()
        except TfkwsError as error:
            return {"model": file.name, "runtime": runtime, "refused": str(error)}


def main(arguments: list[str]) -> None:
    """Measure the file that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("network")
    parser.add_argument("--runtime", default="litert-gpu")
    parser.add_argument("--runs", type=int, default=300)
    asked = parser.parse_args(arguments)
    result = measure(asked.folder, asked.network, asked.runtime, asked.runs)
    result |= {"network": asked.network, "weights": "random, drawn where it was measured"}
    write_json(
        litert_path(asked.results, asked.network, asked.runtime), result | {"commit": read_plan(asked.folder).commit}
    )


if __name__ == "__main__":
    main(sys.argv[1:])
