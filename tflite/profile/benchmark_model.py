"""Latency and operators by TFLite's own `benchmark_model`, where the user has one: run, read, join."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.errors import BenchmarkError
from tfkws.graphs.tflite import TfliteGraph, read_graph
from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.bundle.archive import read_bundle
from tfkws.tflite.profile.benchmark_model_log import BinaryLatency, parse_latency, parse_profile
from tfkws.tflite.profile.benchmark_model_options import latency_options, profile_options
from tfkws.tflite.profile.kernel_map import KernelMap, map_kernels
from tfkws.tflite.profile.op_table import Conditions, OpProfile, Timed, Whole, assemble
from tfkws.tflite.targets.machine import Machine, read_machine

NAME = "benchmark_model"
SECONDS = 600
WARMUP_RUNS = 20


@dataclass(frozen=True)
class BinaryPlace:
    """A binary and where it runs.

    Attributes:
        binary: the program, as a file on this machine.
        run: runs it on a .tflite file with options and returns all that it printed.
        read_machine: state of the machine that it runs on.
    """

    binary: Path
    run: Callable[[Path, Sequence[str]], str]
    read_machine: Callable[[], Machine]

    @property
    def sha256(self) -> str:
        """Of the program, which carries no version of its own."""
        return hashlib.sha256(self.binary.read_bytes()).hexdigest()


@dataclass(frozen=True)
class BinaryBenchmark:
    """Latency of one model by `benchmark_model`, in several processes.

    Attributes:
        processes: what each of them said; the binary tells means and extremes, and no single runs.
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
        """Mean over all runs."""
        runs = sum(process.runs for process in self.processes)
        return sum(process.runs * process.mean_us for process in self.processes) / runs

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"mean_us": self.mean_us}


def find_binary(path: Path | None) -> Path:
    """Return the program, from its path or by its name.

    Raises:
        BenchmarkError: there is none that may be run.
    """
    found = shutil.which(str(path) if path is not None else NAME)
    if found is None:
        raise BenchmarkError(
            f"{path or NAME} is not there or may not be run; download {NAME} from LiteRT's releases or build it, make "
            "it executable, and give --benchmark-binary PATH."
        )
    return Path(found)


def local_place(binary: Path) -> BinaryPlace:
    """Run a binary on this machine."""

    def run(model: Path, options: Sequence[str]) -> str:
        command = [str(binary), f"--graph={model}", *options]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS, check=False, errors="replace"
            )
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"{binary} did not end within {SECONDS} s; use fewer --runs.") from None
        except OSError as error:
            raise BenchmarkError(f"{binary} cannot be run ({error.strerror}); give one for this processor.") from error
        if done.returncode != 0:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines() or [f"exit {done.returncode}"]
            raise BenchmarkError(f"{binary} failed (exit {done.returncode}): {lines[-1]}")
        return done.stdout + done.stderr

    return BinaryPlace(binary, run, read_machine)


def benchmark_by_binary(
    model: Path, place: BinaryPlace, kernels: str, threads: int, runs: int, processes: int, warmup_runs: int = 50
) -> BinaryBenchmark:
    """Time a .tflite file or a bundle in several processes of the binary.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the binary cannot be run.
        ProfileParseError: it printed something unknown.
    """
    content = _content(model)
    read_graph(content)
    before = place.read_machine()
    options = latency_options(kernels, threads, warmup_runs, runs)
    texts = _run_each(content, place, [options] * processes)
    return BinaryBenchmark(
        model=model.name,
        model_sha256=hashlib.sha256(content).hexdigest(),
        binary_sha256=place.sha256,
        kernels=kernels,
        threads=threads,
        input_source="random, by the binary",
        processes=tuple(map(parse_latency, texts)),
        before=before,
        after=place.read_machine(),
        raw_texts=tuple(texts),
    )


def profile_by_binary(
    model: Path, place: BinaryPlace, kernels: str, threads: int, runs: int, roofline: Roofline | None = None
) -> OpProfile:
    """Profile the operators of a .tflite file or a bundle: once without and once with the binary's profiler.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the binary cannot be run.
        ProfileParseError: it printed something unknown, or its operators are not those of the file.
    """
    content = _content(model)
    graph = read_graph(content)
    settings = (kernels, threads, WARMUP_RUNS, runs)
    plain, profiled = _run_each(content, place, [latency_options(*settings), profile_options(*settings)])
    mapped = map_kernels(parse_profile(profiled), graph)
    latency = parse_latency(plain)
    return assemble(
        model.name,
        content,
        graph,
        _timed(graph, mapped),
        mapped,
        Conditions(NAME, kernels, threads, NAME, f"sha256 {place.sha256[:12]}", runs),
        Whole(latency.median_us or latency.mean_us, None),
        roofline,
        profiled,
        place.read_machine(),
    )


def _timed(graph: TfliteGraph, mapped: KernelMap) -> list[Timed]:
    timed: list[Timed] = []
    for op in graph.ops:
        kernels = mapped.kernels[op.index]
        names = tuple(row.kernel for row in kernels)
        timed.append((names, sum(row.time_us for row in kernels), NAME if kernels else "folded"))
    return timed


def _run_each(content: bytes, place: BinaryPlace, options: Sequence[Sequence[str]]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        file.write_bytes(content)
        return [place.run(file, each) for each in options]


def _content(model: Path) -> bytes:
    if model.suffix not in (".tflite", ".kws") or not model.is_file():
        raise BenchmarkError(f"The binary runs .tflite files and .kws bundles. Received {model}.")
    return read_bundle(model).model if model.suffix == ".kws" else model.read_bytes()
