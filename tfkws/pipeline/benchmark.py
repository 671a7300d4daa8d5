"""The stage of `tfkws benchmark`: time converted models here or on a target; every sample is kept beside its model."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from tfkws.config import BenchmarkSettings
from tfkws.output_folder import check_output_folder, keep
from tfkws.pipeline.parts.benchmark_program import OpenProgram, open_program
from tfkws.pipeline.parts.kept_results import path_beside
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.result_files import ResultName, benchmark_name, binary_name
from tfkws.run_folder import write_json
from tfkws.tflite.benchmark.latency import BenchmarkResult, benchmark_all, pick_threads
from tfkws.tflite.profile.benchmark_model import BinaryBenchmark, benchmark_by_binary
from tfkws.tflite.targets.timing_target import TimingTarget, open_timing_target
from tfkws.units import format_us

OpenTimingTarget = Callable[[str, str, Sequence[Path], str, Path | None], AbstractContextManager[TimingTarget]]


def benchmark_models(
    models: Sequence[Path],
    settings: BenchmarkSettings,
    target: str = "local",
    *,
    python: str = "",
    record: Path | None = None,
    inputs: Path | None = None,
    shapes: Sequence[str] = (),
    best_threads: bool = False,
    progress: StageProgress = SILENT,
    open_timing_target: OpenTimingTarget = open_timing_target,
) -> list[BenchmarkResult]:
    """Time models in turns, and write `benchmark-<stem>.json` beside each.

    Where the measurement stops early, what it has so far is written as `benchmark-<stem>.partial.json`; a
    later whole measurement removes that file.

    Args:
        models: .tflite files or .kws bundles.
        target, python, record: as `tfkws.tflite.targets.open.open_target` takes them.
        inputs: .npy of float32 feature maps (n, ...); None for noise by a fixed seed.
        shapes: of the inputs of each file, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.
        best_threads: whether to try all numbers of threads on the first model and take the best, whatever
            `settings` say.

    Raises:
        TfliteFileError: a file is damaged.
        BenchmarkError: a measurement fails, the inputs do not fit, or the target is emulated.
        TargetError, RuntimeUnavailableError: the target cannot be used.
        RunFolderError: a model's folder cannot be written, which is found out first; NotKeptError if it shows later.
    """
    models = list(models)
    for model in models:
        check_output_folder(model.parent, "")
    with open_timing_target(target, settings.runtime, models, python, record) as there:
        if best_threads:
            settings = _with_best_threads(models[0], settings, _Fed(inputs, shapes), there, progress)
        results = _measure(models, settings, target, _Fed(inputs, shapes), there, progress)

    def write() -> None:
        for model, result in zip(models, results, strict=True):
            write_json(result_path(model, settings, target, shapes), result.to_dict())
            _partial_path(model, settings, target, shapes).unlink(missing_ok=True)

    keep(results, write)
    return results


@dataclass(frozen=True)
class _Fed:
    """What models are fed with."""

    inputs: Path | None
    shapes: Sequence[str]


def result_path(model: Path, settings: BenchmarkSettings, target: str = "local", shapes: Sequence[str] = ()) -> Path:
    """Return the path of a model's latencies, beside the model; the name holds settings, shapes and target."""
    return path_beside(model, _name(model, settings, target, shapes))


def benchmark_by_program(
    models: Sequence[Path],
    settings: BenchmarkSettings,
    program: Path | None = None,
    target: str = "local",
    progress: StageProgress = SILENT,
    shapes: Sequence[str] = (),
    open_program: OpenProgram = open_program,
) -> list[BinaryBenchmark]:
    """Time models one after the other by TFLite's `benchmark_model`, and write `binary-<stem>.json` beside each.

    Args:
        settings: all but the runtime and the seconds count.
        program: its path or its name on PATH; None for `benchmark_model`.
        shapes: as for `benchmark_models`.

    Raises:
        TfliteFileError: a file is damaged.
        BenchmarkError: the program is not there, or fails.
        ConfigError: the target is emulated.
    """
    results = []
    for model in models:
        check_output_folder(model.parent, "")
    with open_program(program, target) as there, progress.bar("models") as advance:
        for number, model in enumerate(models):
            advance(number, len(models), model.name)
            result = benchmark_by_binary(model, there, settings, shapes)
            name = binary_name(model.stem, settings.kernels, settings.threads, target, shapes)
            write_json(path_beside(model, name), result.to_dict())
            results.append(result)
    return results


def _name(model: Path, settings: BenchmarkSettings, target: str, shapes: Sequence[str]) -> ResultName:
    return benchmark_name(model.stem, settings.kernels, settings.runtime, settings.threads, target, shapes)


def _partial_path(model: Path, settings: BenchmarkSettings, target: str, shapes: Sequence[str]) -> Path:
    return path_beside(model, replace(_name(model, settings, target, shapes), partial=True))


def _with_best_threads(
    model: Path, settings: BenchmarkSettings, fed: _Fed, there: TimingTarget, progress: StageProgress
) -> BenchmarkSettings:
    progress.say("Trying numbers of threads ...")
    counts = range(1, there.read_machine().cores + 1)
    best, tails = pick_threads(model, settings, counts, fed.inputs, there, fed.shapes)
    tried = ", ".join(f"{count}: {format_us(tail)}" for count, tail in tails.items())
    progress.say(f"{best} threads give the lowest 95th percentile ({tried}).")
    return replace(settings, threads=best)


def _measure(
    models: list[Path],
    settings: BenchmarkSettings,
    target: str,
    fed: _Fed,
    there: TimingTarget,
    progress: StageProgress,
) -> list[BenchmarkResult]:
    def keep(partial: dict[Path, BenchmarkResult]) -> None:
        for model, result in partial.items():
            path = _partial_path(model, settings, target, fed.shapes)
            write_json(path, result.to_dict())
            progress.say(
                f"{len(result.samples_ns)} of {settings.processes} processes were measured; they are in {path}."
            )

    done = 0
    total = len(models) * settings.processes
    with progress.bar("processes") as advance:

        def count() -> None:
            nonlocal done
            done += 1
            advance(done, total, "")

        advance(0, total, "")
        return benchmark_all(models, settings, fed.inputs, there, count, keep, fed.shapes)
