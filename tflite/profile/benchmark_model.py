"""Latency and operators by TFLite's own `benchmark_model`, where the user has one: run, read, join."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tfkws.config import BenchmarkSettings, OperatorSettings
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.profile.benchmark_model_log import BinaryLatency, parse_latency, parse_profile
from tfkws.tflite.profile.benchmark_model_program import (
    NAME,
    BenchmarkModelTarget,
    latency_options,
    profile_options,
)
from tfkws.tflite.profile.kernel_map import KernelMap, map_kernels
from tfkws.tflite.profile.op_table import FOLDED, UNKNOWN, Conditions, OpProfile, Timed, assemble
from tfkws.tflite.runtime.input_shapes import FixedFile, fixed_file
from tfkws.tflite.runtime.streaming import keeps_state
from tfkws.tflite.targets.machine import Machine

WARMUP_RUNS = 20


@dataclass(frozen=True)
class BinaryBenchmark:
    """Latency of one model by `benchmark_model`, in several processes.

    Attributes:
        processes: figures of each of them in µs; the program prints mean and extremes, and no single runs.
        raw_texts: what each printed, verbatim.
    """

    model: str
    model_sha256: str
    binary_sha256: str
    kernels: str
    threads: int
    input_source: str
    processes: tuple[BinaryLatency, ...]
    before: Machine
    after: Machine
    raw_texts: tuple[str, ...]

    @property
    def mean_us(self) -> float:
        """Mean over all runs of all processes, in µs."""
        runs = sum(process.runs for process in self.processes)
        return sum(process.runs * process.mean_us for process in self.processes) / runs

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"mean_us": self.mean_us}


def benchmark_by_binary(
    model: Path, target: BenchmarkModelTarget, settings: BenchmarkSettings, shapes: Sequence[str] = ()
) -> BinaryBenchmark:
    """Time a .tflite file or a bundle in several processes of the binary.

    Args:
        settings: all but the runtime and the seconds count.
        shapes: of its inputs, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the binary cannot be run.
        ProfileParseError: it printed something unknown.
    """
    fixed = _opened(model, shapes)
    before = target.read_machine()
    options = latency_options(settings.kernels, settings.threads, settings.warmup_runs, settings.runs)
    texts = _run_each(fixed.file.content, target, [options] * settings.processes)
    return BinaryBenchmark(
        model=model.name,
        model_sha256=fixed.original.sha256,
        binary_sha256=target.sha256,
        kernels=settings.kernels,
        threads=settings.threads,
        input_source="random, by the binary",
        processes=tuple(map(parse_latency, texts)),
        before=before,
        after=target.read_machine(),
        raw_texts=tuple(texts),
    )


def profile_by_binary(
    model: Path,
    target: BenchmarkModelTarget,
    settings: OperatorSettings,
    roofline: Roofline | None = None,
    shapes: Sequence[str] = (),
) -> OpProfile:
    """Profile the operators of a .tflite file or a bundle: once without and once with the binary's profiler.

    Args:
        settings: kernels, threads and runs count.
        roofline: of this machine with these kernels and threads; None where it is not known.
        shapes: as for `benchmark_by_binary`.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the binary cannot be run.
        ProfileParseError: it printed something unknown, or its operators are not those of the file.
    """
    fixed = _opened(model, shapes)
    file = fixed.file
    graph = file.graph
    options = (settings.kernels, settings.threads, WARMUP_RUNS, settings.runs)
    plain, profiled = _run_each(file.content, target, [latency_options(*options), profile_options(*options)])
    mapped = map_kernels(parse_profile(profiled), graph)
    latency = parse_latency(plain)
    made = assemble(
        model.name,
        file,
        _timed(graph, mapped),
        mapped,
        Conditions(NAME, settings.kernels, settings.threads, NAME, f"sha256 {target.sha256[:12]}", settings.runs),
        Whole(latency.median_us or latency.mean_us, None),
        roofline,
        profiled,
        target.read_machine(),
    )
    shapes_taken = dict(fixed.shapes)
    return replace(made, model_sha256=fixed.original.sha256, input_shapes=shapes_taken, keeps_state=keeps_state(file))


def _timed(graph: TfliteGraph, mapped: KernelMap) -> list[Timed]:
    timed: list[Timed] = []
    for op in graph.ops:
        kernels = mapped.kernels[op.index]
        names = tuple(row.kernel for row in kernels)
        without = UNKNOWN if op.index in mapped.missing else FOLDED
        timed.append((names, sum(row.time_us for row in kernels), NAME if kernels else without))
    return timed


def _run_each(content: bytes, target: BenchmarkModelTarget, options: Sequence[Sequence[str]]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        file.write_bytes(content)
        return [target.run(file, each) for each in options]


def _opened(model: Path, shapes: Sequence[str]) -> FixedFile:
    file = read_runnable(model)
    _ = file.graph  # a damaged file is refused before the binary reads it
    return fixed_file(file, shapes)
