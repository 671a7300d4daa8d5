"""Time per operator of a .tflite file on this machine. Never a latency: see `tfkws.tflite.benchmark.latency`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError
from tfkws.graphs.tflite_graph import TfliteOp
from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.profile.kernel_events import kernel_rows
from tfkws.tflite.profile.kernel_map import KernelMap, map_kernels
from tfkws.tflite.profile.op_table import Conditions, OpProfile, Timed, assemble
from tfkws.tflite.profile.time_operators import time_operators
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.runtimes import runtime_version

CHILD_SECONDS = 600
FINE_US = 2.0


def profile(model: Path, settings: OperatorSettings | None = None, roofline: Roofline | None = None) -> OpProfile:
    """Profile a .tflite file or a bundle.

    Args:
        settings: all but the runtime count; None for the defaults.
        roofline: of this machine with these kernels and threads; see `measure_roofline.roofline_for`.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the profiling process failed.
        ProfileParseError: the profiler's events make no sense.
    """
    settings = settings or OperatorSettings()
    file = read_runnable(model)
    graph = file.graph
    check_that_it_loads(str(model), file.content)
    answer = _ask_child(file.content, settings)
    mapped = map_kernels(kernel_rows(answer["events"]), graph) if settings.method == "profiler" else None
    fine = [op.index for op in graph.ops if mapped is None or _is_fine(mapped, op.index)]
    timed = _timed(graph.ops, mapped, time_operators(file, fine, settings.threads, settings.kernels, settings.runs))
    return assemble(
        model.name,
        file,
        timed,
        mapped,
        Conditions(
            settings.method, settings.kernels, settings.threads, "litert", runtime_version("litert"), settings.runs
        ),
        _whole(answer["whole_ns"]),
        roofline,
        answer["summary"] if settings.method == "profiler" else "",
    )


def _whole(samples_ns: Sequence[int]) -> Whole:
    low, median, high = (float(value) / 1e3 for value in np.percentile(samples_ns, [25, 50, 75]))
    return Whole(median, (high - low) / median)


def _ask_child(content: bytes, settings: OperatorSettings) -> dict[str, Any]:
    """Run LiteRT's profiler in a child process, because misusing a C interface ends the process."""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = Path(folder) / "model.tflite", Path(folder) / "answer.json"
        file.write_bytes(content)
        request = {"model": str(file), "answer": str(answer), "kernels": settings.kernels,
                   "threads": settings.threads, "warmup_runs": 20, "runs": settings.runs}  # fmt: skip
        command = [sys.executable, "-m", "tfkws.tflite.profile.litert_child"]
        try:
            done = subprocess.run(
                command, input=json.dumps(request), capture_output=True, encoding="utf-8", errors="replace",
                timeout=CHILD_SECONDS, check=False,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"Profiling took more than {CHILD_SECONDS} s; use fewer --runs.") from None
        if done.returncode != 0 or not answer.exists():
            lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            raise BenchmarkError(f"Profiling failed ({lines[-1]}); use --method submodels.")
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def _is_fine(mapped: KernelMap, index: int) -> bool:
    """Whether the profiler's whole microseconds are too coarse for an operator's kernels."""
    kernels = mapped.kernels[index]
    return bool(kernels) and sum(row.time_us for row in kernels) < FINE_US


def _timed(ops: Sequence[TfliteOp], mapped: KernelMap | None, alone: dict[int, float]) -> list[Timed]:
    """Kernels, time and method of each operator."""
    if mapped is None:
        return [((), alone[op.index], "submodel") for op in ops]
    timed: list[Timed] = []
    for op, kernels in zip(ops, mapped.kernels, strict=True):
        names = tuple(row.kernel for row in kernels)
        if op.index in alone:
            timed.append((names, min(alone[op.index], FINE_US), "submodel"))
        else:
            timed.append((names, sum(row.time_us for row in kernels), "profiler" if kernels else "folded"))
    return timed
