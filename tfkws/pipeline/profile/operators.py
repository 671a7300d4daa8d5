"""The stage of `tfkws profile operators`: time per operator of a converted file, kept beside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tfkws.config import OperatorSettings
from tfkws.errors import ConfigError
from tfkws.output_folder import check_output_folder, keep
from tfkws.pipeline.parts.benchmark_program import OpenProgram, open_program
from tfkws.pipeline.parts.kept_results import path_beside
from tfkws.profiling.explain.roofline import Roofline
from tfkws.profiling.measure.gpu_operators import PREFIXES, GpuProfile
from tfkws.result_files import KINDS, ResultName, gpu_profile_name, profile_name
from tfkws.run_folder import write_json, write_text
from tfkws.tflite.profile import measure_roofline
from tfkws.tflite.profile.benchmark_model import profile_by_binary
from tfkws.tflite.profile.benchmark_model_program import NAME
from tfkws.tflite.profile.litert import profile
from tfkws.tflite.profile.on_gpu.events import operator_events
from tfkws.tflite.profile.on_gpu.profile import AskEvents, profile_on_gpu
from tfkws.tflite.profile.on_gpu.timing import Timer, time_on_gpu
from tfkws.tflite.profile.op_table import HERE, OpProfile

ELSEWHERE = "tflite_runtime"  # the runtime of boards for which there is no LiteRT
MeasureLimits = Callable[[str, int], Roofline | None]


def profile_operators(
    model: Path,
    settings: OperatorSettings | None = None,
    measure_limits: MeasureLimits | None = None,
    shapes: Sequence[str] = (),
) -> OpProfile:
    """Profile a file by LiteRT; writes `profile-<stem>.json` and the profiler's own text as `profile-<stem>.txt`.

    Args:
        model: a .tflite file or a .kws bundle.
        settings: all but the runtime count; None for the defaults.
        measure_limits: returns the machine's limits for kernels and threads; None measures them the first
            time, which takes seconds, and keeps them for later profiles.
        shapes: of the file's inputs, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.

    Raises:
        ConfigError: the method is for a GPU, or the runtime for a target.
        TfliteFileError, BenchmarkError, ProfileParseError: see `tfkws.tflite.profile.litert.profile`.
        RunFolderError: the model's folder cannot be written, which is found out first; NotKeptError if it shows later.
    """
    settings = settings or OperatorSettings()
    if settings.method == PREFIXES:
        raise ConfigError("--method prefixes is for a GPU; give --runtime litert-gpu, or --method submodels.")
    if settings.runtime == ELSEWHERE:
        raise ConfigError(f"--runtime {ELSEWHERE} is for a --target that has it; here give litert.")
    check_output_folder(model.parent, "")
    limits = (measure_limits or measure_roofline.roofline_for)(settings.kernels, settings.threads)
    result = profile(model, settings, limits, shapes)
    name = profile_name(model.stem, settings.kernels, result.method, settings.threads, shapes)
    keep(result, lambda: _write(model, name, result))
    return result


def profile_by_program(
    model: Path,
    settings: OperatorSettings,
    program: Path | None = None,
    measure_limits: MeasureLimits | None = None,
    shapes: Sequence[str] = (),
    open_program: OpenProgram = open_program,
    target: str = HERE,
) -> OpProfile:
    """Profile a file by TFLite's `benchmark_model`; writes `profile-<stem>-benchmark_model.json` and what it printed.

    Args:
        settings: kernels, threads and runs count.
        program: its path or its name on PATH; None for `benchmark_model`. A target takes a path only.
        measure_limits: as for `profile_operators`; not asked about other machines than this one.
        shapes: as for `profile_operators`.

    Raises:
        TfliteFileError, BenchmarkError, ProfileParseError: as `profile_by_binary` says.
        RunFolderError: as for `profile_operators`.
    """
    check_output_folder(model.parent, "")
    limits: Roofline | None = None
    with open_program(program, target) as there:
        if target == HERE:
            limits = (measure_limits or measure_roofline.roofline_for)(settings.kernels, settings.threads)
        result = replace(profile_by_binary(model, there, settings, limits, shapes), target=target)
    name = profile_name(model.stem, settings.kernels, NAME, settings.threads, shapes, target)
    keep(result, lambda: _write(model, name, result))
    return result


def profile_by_gpu(
    model: Path,
    settings: OperatorSettings,
    shapes: Sequence[str] = (),
    timer: Timer = time_on_gpu,
    ask_events: AskEvents = operator_events,
) -> GpuProfile:
    """Profile a file on a GPU by LiteRT's accelerator; writes `profile-<stem>-litert-gpu.json`.

    Args:
        settings: all but the kernels count.
        shapes: as for `profile_operators`.
        timer, ask_events: as `profile_on_gpu` takes them.

    Raises:
        TfliteFileError, RuntimeUnavailableError, BenchmarkError: as `profile_on_gpu` says.
        RunFolderError: as for `profile_operators`.
    """
    check_output_folder(model.parent, "")
    result = profile_on_gpu(model, settings, shapes, timer, ask_events)
    name = gpu_profile_name(model.stem, settings.runtime, result.method, settings.threads, shapes)
    keep(result, lambda: write_json(path_beside(model, name), result.to_dict()))
    return result


def _write(model: Path, name: ResultName, result: OpProfile) -> None:
    path = path_beside(model, name)
    if result.raw_text:
        stem = path.name.removeprefix(KINDS["profile"].prefix).removesuffix(KINDS["profile"].ending)
        write_text(path.with_name(ResultName("profile text", stem).file), result.raw_text)
    write_json(path, result.to_dict())
