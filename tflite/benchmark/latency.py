"""Latency of .tflite files and bundles: fresh processes, warm-up apart, every sample and every circumstance kept.

This is the orchestration; the loop in which a model runs and the clock is read is `timing_loop.py`, which a fresh
process of the target executes. `summary.py` holds the statistics.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import BenchmarkSettings
from tfkws.config.strict import Positive, check, require
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.features.maps import read_maps
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.benchmark.acceleration import KERNELS, Acceleration, acceleration_of, failure_on_gpu
from tfkws.tflite.benchmark.summary import LatencySummary, instabilities, summarise_latency
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.known_faults import known_fault
from tfkws.tflite.gpu.known_shapes import with_known_shapes
from tfkws.tflite.runtime.input_shapes import FixedFile, fixed_file
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.runtimes import is_on_gpu
from tfkws.tflite.runtime.streaming import keeps_state
from tfkws.tflite.targets.machine import Machine
from tfkws.tflite.targets.session import SignalError, TooSlowError
from tfkws.tflite.targets.timing_target import THIS_MACHINE, TimingTarget

NOISE_EXAMPLES = 16
COUNTED_IN = ("int32", "int64", "uint32", "uint64")  # inputs that may number words; they get none below 0
COMPARED = ("runtime", "runtime_version", "kernels", "threads", "input_source")
COMPARED_MACHINE = ("cpu", "architecture", "cores", "flags", "governor")


@dataclass(frozen=True)
class BenchmarkResult:
    """Latency of one model; `samples_ns` and `warmup_ns` hold every run of every process in order, in ns.

    Attributes:
        model: file name; `model_sha256` is that of the .tflite content, also for a bundle.
        target: where it ran, as `tfkws.tflite.targets` calls it.
        input_source: what was fed: "noise, seed 0", or a file.
        load_us: median over processes of what the runtime took to build and allocate the model, in µs.
        peak_rss_bytes: largest resident size of a whole child process, in bytes; `rss_before_bytes` of it was
            there before the model was loaded.
        warnings: what makes the figures doubtful, with what to do.
        before, after: the machine.
        input_shapes: by input, where the file leaves axes open or another shape was asked for.
        keeps_state: whether the file keeps state from run to run, as a stream; runs go on from one another, and
            each process begins from the first values.
        acceleration: of a GPU, what computed and how; `latency` is with transfer of input and output then. None
            on a CPU.
    """

    model: str
    model_sha256: str
    size_bytes: int
    target: str
    input_source: str
    settings: BenchmarkSettings
    runtime_version: str
    latency: LatencySummary
    load_us: float
    rss_before_bytes: int
    peak_rss_bytes: int
    warnings: tuple[str, ...]
    before: Machine
    after: Machine
    warmup_ns: tuple[tuple[int, ...], ...]
    samples_ns: tuple[tuple[int, ...], ...]
    input_shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    keeps_state: bool = False
    acceleration: Acceleration | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, with the settings and the latency at the top level.

        `acceleration` is there for a GPU alone, whose `kernels` are none of the CPU's.
        """
        values = asdict(self)
        told = {} if self.acceleration is None else {"kernels": KERNELS, "acceleration": values["acceleration"]}
        del values["acceleration"]
        return values | values.pop("settings") | values.pop("latency") | told


def benchmark(
    model: Path,
    settings: BenchmarkSettings | None = None,
    examples: Path | None = None,
    target: TimingTarget = THIS_MACHINE,
    on_process: Callable[[], None] = lambda: None,
    shapes: Sequence[str] = (),
) -> BenchmarkResult:
    """Time one model; see `benchmark_all`.

    Raises:
        TfkwsError: as `benchmark_all`.
    """
    return benchmark_all([model], settings, examples, target, on_process, shapes=shapes)[0]


def benchmark_all(
    models: Sequence[Path],
    settings: BenchmarkSettings | None = None,
    examples: Path | None = None,
    target: TimingTarget = THIS_MACHINE,
    on_process: Callable[[], None] = lambda: None,
    on_stop: Callable[[dict[Path, BenchmarkResult]], None] = lambda results: None,
    shapes: Sequence[str] = (),
) -> list[BenchmarkResult]:
    """Time models in turns (A B A B ...), so that a drift of the machine affects all alike.

    Args:
        models: .tflite files or .kws bundles.
        examples: .npy of float32 (n, ...) feature maps; None for Gaussian noise by a fixed seed.
        target: this machine, or what `tfkws.tflite.targets.timing_target.open_timing_target` yields.
        on_process: called after each child process.
        on_stop: where a process fails or Ctrl-C comes, called with what the processes before it measured, if
            any.
        shapes: of the inputs of each file, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.

    Raises:
        TfliteFileError: a file is damaged.
        BenchmarkError: a child process fails, the examples do not fit, or a shape is missing.
    """
    settings = settings or BenchmarkSettings()
    with tempfile.TemporaryDirectory() as folder:
        stems = (Path(folder) / str(position) for position in range(len(models)))
        jobs = [_prepare(model, stem, settings, examples, shapes) for model, stem in zip(models, stems, strict=True)]
        before = target.read_machine()
        answers: list[list[dict[str, Any]]] = [[] for _ in jobs]

        def results(after: Machine, stopped: str = "") -> list[tuple[Path, BenchmarkResult]]:
            source = str(examples) if examples else "noise, seed 0"
            circumstances = _Circumstances(target.name, settings, source, before, after, stopped)
            return [
                (model, _result(model, job, collected, circumstances))
                for model, job, collected in zip(models, jobs, answers, strict=True)
                if collected
            ]

        try:
            for _ in range(settings.processes):
                for job, collected in zip(jobs, answers, strict=True):
                    collected.append(_time(target, job.request))
                    on_process()
        except (BenchmarkError, KeyboardInterrupt) as error:
            on_stop(dict(results(before, str(error) or "Ctrl-C")))
            raise
        return [result for _, result in results(target.read_machine())]


def _time(target: TimingTarget, request: dict[str, Any]) -> dict[str, Any]:
    """Time a model in one process; where a GPU's driver ended it or let it hang, say what helps against that.

    Raises:
        TargetError, BenchmarkError: it failed.
    """
    try:
        return target.time_model(request)
    except (SignalError, TooSlowError) as error:
        raise (failure_on_gpu(error) if is_on_gpu(request["runtime"]) else error) from None


def pick_threads(
    model: Path,
    settings: BenchmarkSettings,
    counts: Sequence[int],
    examples: Path | None = None,
    target: TimingTarget = THIS_MACHINE,
    shapes: Sequence[str] = (),
) -> tuple[int, dict[int, float]]:
    """Time the model with each number of threads.

    The lowest median would be a bad guide: on a small network a second thread may lower the median and raise
    the tail tenfold.

    Returns:
        The number with the lowest 95th percentile, and the percentile of each number in µs.
    """
    tails = {}
    for count in counts:
        one = replace(settings, threads=count, processes=1)
        tails[count] = benchmark(model, one, examples, target, shapes=shapes).latency.p95_us
    return min(tails, key=lambda count: tails[count]), tails


def check_result(values: dict[str, Any], name: str) -> None:
    """Refuse a record that is no latency of `tfkws benchmark`, as far as `ratio` and tables read it.

    Raises:
        BenchmarkError: it is something else.
    """
    try:
        check(str, values.get("model"), "model")
        check(Positive, values.get("median_us"), "median_us")
        check(dict[str, Any] | None, values.get("acceleration"), "acceleration")
        machine = values.get("before")
        lacking = [key for key in COMPARED if key not in values]
        lacking += [key for key in COMPARED_MACHINE if not isinstance(machine, dict) or key not in machine]
        require(not lacking, f"it lacks {', '.join(lacking)}")
    except ConfigError as error:
        raise BenchmarkError(f"{name} is no benchmark-*.json of `tfkws benchmark` ({error}); give one.") from None


def ratio(first: dict[str, Any], second: dict[str, Any]) -> float:
    """Median of the second result over that of the first; both in the form of `to_dict`.

    Raises:
        BenchmarkError: they were not measured alike.
    """
    differing = [name for name in COMPARED if first[name] != second[name]]
    machines = (first["before"], second["before"])
    differing += [name for name in ("adapter", "precision") if _accelerated(first, name) != _accelerated(second, name)]
    differing += [name for name in COMPARED_MACHINE if _plain(machines[0][name]) != _plain(machines[1][name])]
    if differing:
        raise BenchmarkError(
            f"{first['model']} and {second['model']} were not measured alike: {', '.join(differing)} differ; "
            "measure both again in one command."
        )
    return float(second["median_us"] / first["median_us"])


def _accelerated(result: dict[str, Any], name: str) -> Any:
    return (result.get("acceleration") or {}).get(name)


def _plain(value: Any) -> Any:
    """Undo the difference between a tuple and what JSON makes of it."""
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class _Job:
    """One model, ready to be timed: the file with its shapes, and the request that a child process answers.

    Attributes:
        is_copy: whether a copy that computes no shapes runs in its place.
    """

    fixed: FixedFile
    is_copy: bool
    request: dict[str, Any]


def _prepare(
    model: Path, stem: Path, settings: BenchmarkSettings, examples: Path | None, shapes: Sequence[str]
) -> _Job:
    """Check the model, put it and its inputs where the children find them, and write the request."""
    fixed = fixed_file(read_runnable(model), shapes)
    check_that_it_loads(str(model), fixed.file.content)
    graph = fixed.file.graph
    file = stem.with_suffix(".tflite")
    run = with_known_shapes(fixed.file) if is_on_gpu(settings.runtime) else fixed.file
    file.write_bytes(run.content)
    np.save(stem.with_suffix(".npy"), _examples(graph, examples))
    timing = {name: value for name, value in asdict(settings).items() if name != "processes"}
    request = {"model": str(file), "examples": str(stem.with_suffix(".npy")), **timing}
    return _Job(fixed, run != fixed.original, request if _batch(graph) == 1 else {**request, "batch": _batch(graph)})


def _batch(graph: TfliteGraph) -> int:
    """Number of examples that one run takes: the first axis of the first input."""
    return graph.input.shape[0] if graph.input.shape else 1


def _examples(graph: TfliteGraph, examples: Path | None) -> np.ndarray:
    shape, batch = graph.input.shape[1:], _batch(graph)
    if examples is None:
        noise = np.random.default_rng(0).normal(size=(NOISE_EXAMPLES * batch, *shape)).astype(np.float32)
        return np.abs(noise) if graph.input.dtype in COUNTED_IN else noise
    if len(graph.inputs) > 1:
        raise BenchmarkError(f"--input is for files with one input. This one has {len(graph.inputs)}; leave it out.")
    loaded = read_maps(examples)
    if loaded.shape[1:] != shape or len(loaded) < batch:
        raise BenchmarkError(f"{examples} must hold maps of shape (n, {shape}). It holds {loaded.shape}.")
    return np.asarray(loaded[: len(loaded) // batch * batch], np.float32)


@dataclass(frozen=True)
class _Circumstances:
    """What the results of one measurement share; `stopped` says why it ended early, if it did."""

    target: str
    settings: BenchmarkSettings
    input_source: str
    before: Machine
    after: Machine
    stopped: str


def _faults(original: TfliteFile, accelerated: Acceleration) -> tuple[str, ...]:
    fault = known_fault(original.graph)
    return (*accelerated.warnings(), *([fault] if fault else []))


def _result(model: Path, job: _Job, answers: list[dict[str, Any]], circumstances: _Circumstances) -> BenchmarkResult:
    settings, before = circumstances.settings, circumstances.before
    original = job.fixed.original
    latency = summarise_latency([answer["samples_ns"] for answer in answers])
    accelerated = acceleration_of(answers, original.contents.computes_in_floats, job.is_copy)
    early = (
        [f"stopped after {len(answers)} of {settings.processes} processes: {circumstances.stopped}"]
        if circumstances.stopped
        else []
    )
    return BenchmarkResult(
        model=model.name,
        model_sha256=original.sha256,
        size_bytes=len(original.content),
        target=circumstances.target,
        input_source=circumstances.input_source,
        settings=settings,
        runtime_version=answers[0]["runtime_version"],
        latency=latency,
        load_us=float(np.median([answer["load_us"] for answer in answers])),
        rss_before_bytes=max(answer["rss_before_bytes"] for answer in answers),
        peak_rss_bytes=max(answer["peak_rss_bytes"] for answer in answers),
        warnings=(
            *early,
            *(_faults(original, accelerated) if accelerated else ()),
            *instabilities(latency, before.load_average, before.cores),
        ),
        before=before,
        after=circumstances.after,
        warmup_ns=tuple(tuple(answer["warmup_ns"]) for answer in answers),
        samples_ns=tuple(tuple(answer["samples_ns"]) for answer in answers),
        input_shapes=dict(job.fixed.shapes),
        keeps_state=keeps_state(job.fixed.file),
        acceleration=accelerated,
    )
