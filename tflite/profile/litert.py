"""Time per operator of a .tflite file on this machine. Never a latency: see `tfkws.tflite.benchmark.latency`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError
from tfkws.graphs.tflite_graph import TfliteOp
from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.file.submodels import CALLS_SUBGRAPHS
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.profile.kernel_events import kernel_rows, unrounded_us
from tfkws.tflite.profile.kernel_map import KernelMap, map_kernels
from tfkws.tflite.profile.litert_child import NOT_PROFILED
from tfkws.tflite.profile.op_table import UNKNOWN, Conditions, OpProfile, Timed, assemble
from tfkws.tflite.profile.time_operators import OperatorTimes, time_whole_and_operators
from tfkws.tflite.runtime.input_shapes import FixedFile, fixed_file
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.runtime.streaming import keeps_state
from tfkws.tflite.targets.machine import Machine

CHILD_SECONDS = 600
FINE_US = 10.0  # below, half a microsecond that the profiler may be wrong by is more than 5 %
CUT_OFF_US = 1.0  # at most, of each kernel's time


@dataclass(frozen=True)
class _Profiled:
    """What the profiling process found: kernels by operator, the whole, and the profiler's own text."""

    mapped: KernelMap
    whole_ns: tuple[int, ...]
    summary: str


def profile(
    model: Path, settings: OperatorSettings | None = None, roofline: Roofline | None = None, shapes: Sequence[str] = ()
) -> OpProfile:
    """Profile a .tflite file or a bundle.

    A file that LiteRT's profiler does not take, such as one with variable tensors, is profiled by the method
    "submodels", and a warning says so. State that the file keeps goes on from run to run.

    Args:
        settings: all but the runtime count; None for the defaults.
        roofline: of this machine with these kernels and threads; see `measure_roofline.roofline_for`.
        shapes: of its inputs, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the profiling process failed, or a shape is missing or does not fit.
        ProfileParseError: the profiler's events make no sense.
    """
    settings = replace(settings or OperatorSettings(), runtime="litert")
    fixed = fixed_file(read_runnable(model), shapes)
    check_that_it_loads(str(model), fixed.file.content)
    found: _Profiled | str = _by_profiler(fixed.file, settings) if settings.method == "profiler" else ""
    if isinstance(found, str):
        return _by_submodels(model.name, fixed, settings, roofline, (found,) if found else ())
    ops = fixed.file.graph.ops
    fine = [op.index for op in ops if _is_fine(found.mapped, op)]
    alone = time_whole_and_operators(fixed.file, fine, settings.threads, settings.kernels, settings.runs)
    whole = _whole(found.whole_ns)
    pace = whole.median_us / alone.whole.median_us  # of the machine, while it was profiled and afterwards
    timed = _timed(ops, found.mapped, {index: pace * time_us for index, time_us in alone.operators_us.items()})
    whole = replace(whole, call_us=pace * (alone.whole.call_us or 0.0))
    return _assembled(model.name, fixed, settings, timed, found, whole, roofline, runtime_version("litert"))


def _by_submodels(
    name: str, fixed: FixedFile, settings: OperatorSettings, roofline: Roofline | None, warnings: tuple[str, ...]
) -> OpProfile:
    """Time each operator by itself, in turns with the whole."""
    indices = [op.index for op in fixed.file.graph.ops]
    alone = time_whole_and_operators(fixed.file, indices, settings.threads, settings.kernels, settings.runs)
    found = profile_of_submodels(name, fixed, settings, alone, runtime_version("litert"), roofline)
    return replace(found, warnings=(*warnings, *found.warnings))


def profile_of_submodels(
    name: str,
    fixed: FixedFile,
    settings: OperatorSettings,
    alone: OperatorTimes,
    version: str,
    roofline: Roofline | None = None,
    machine: Machine | None = None,
) -> OpProfile:
    """Make a profile of operators that were timed by themselves.

    Args:
        name: of the file.
        settings: kernels, threads, runs and runtime count.
        version: of the runtime.
        roofline: of the machine that timed them; None where it is not known.
        machine: that timed them; None for this one.
    """
    settings = replace(settings, method="submodels")
    ops = fixed.file.graph.ops
    timed: list[Timed] = [
        ((), alone.operators_us[op.index], "submodel") if op.index in alone.operators_us else ((), 0.0, UNKNOWN)
        for op in ops
    ]
    refused = [f"operator {i} ({ops[i].opcode}) cannot be run by itself ({why})" for i, why in alone.refused.items()]
    found = _assembled(name, fixed, settings, timed, None, alone.whole, roofline, version, machine)
    return replace(found, warnings=(*found.warnings, *refused))


def _assembled(
    name: str,
    fixed: FixedFile,
    settings: OperatorSettings,
    timed: Sequence[Timed],
    found: _Profiled | None,
    whole: Whole,
    roofline: Roofline | None,
    version: str,
    machine: Machine | None = None,
) -> OpProfile:
    conditions = Conditions(
        settings.method, settings.kernels, settings.threads, settings.runtime, version, settings.runs
    )
    mapped = found.mapped if found else None
    text = found.summary if found else ""
    made = assemble(name, fixed.file, timed, mapped, conditions, whole, roofline, text, machine)
    shapes = dict(fixed.shapes)
    return replace(made, model_sha256=fixed.original.sha256, input_shapes=shapes, keeps_state=keeps_state(fixed.file))


def _whole(samples_ns: Sequence[int]) -> Whole:
    low, median, high = (float(value) / 1e3 for value in np.percentile(samples_ns, [25, 50, 75]))
    return Whole(median, (high - low) / median)


def _by_profiler(file: TfliteFile, settings: OperatorSettings) -> _Profiled | str:
    """Return what LiteRT's profiler found, or the sentence that it does not take the file."""
    answer = _ask_child(file.content, settings)
    if isinstance(answer, str):
        return f"LiteRT's profiler does not take this file ({answer}), so operators were timed by themselves"
    mapped = map_kernels(kernel_rows(answer["events"]), file.graph)
    return _Profiled(mapped, tuple(answer["whole_ns"]), answer["summary"])


def _ask_child(content: bytes, settings: OperatorSettings) -> dict[str, Any] | str:
    """Run LiteRT's profiler in a child process, because misusing a C interface ends the process.

    Returns:
        Its answer, or the reason why the profiler does not take the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, answer = Path(folder) / "model.tflite", Path(folder) / "answer.json"
        file.write_bytes(content)
        request = {"model": str(file), "answer": str(answer), "parent": os.getpid(), "kernels": settings.kernels,
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
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        if done.returncode == NOT_PROFILED:
            return lines[-1].rstrip(".")
        if done.returncode != 0 or not answer.exists():
            raise BenchmarkError(f"Profiling failed ({lines[-1]}); use --method submodels.")
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def _is_fine(mapped: KernelMap, op: TfliteOp) -> bool:
    """Whether an operator is better timed by itself.

    So it is where the profiler's whole microseconds are too coarse for its kernels, and where it runs other
    subgraphs, whose own events take longer than their operators.
    """
    kernels = mapped.kernels[op.index]
    return op.opcode in CALLS_SUBGRAPHS or (bool(kernels) and sum(row.time_us for row in kernels) < FINE_US)


def _timed(ops: Sequence[TfliteOp], mapped: KernelMap, alone: dict[int, float]) -> list[Timed]:
    """Kernels, time and method of each operator."""
    return [_timed_one(op, mapped, alone.get(op.index)) for op in ops]


def _timed_one(op: TfliteOp, mapped: KernelMap, alone_us: float | None) -> Timed:
    kernels = mapped.kernels[op.index]
    names = tuple(row.kernel for row in kernels)
    if alone_us is not None and op.opcode in CALLS_SUBGRAPHS:
        return names, alone_us, "submodel"
    if alone_us is not None:
        most_us = sum(row.time_us + CUT_OFF_US for row in kernels)
        return names, min(alone_us, most_us), "submodel"
    if op.index in mapped.missing:
        return names, 0.0, UNKNOWN
    return names, sum(map(unrounded_us, kernels)), "profiler" if kernels else "folded"
