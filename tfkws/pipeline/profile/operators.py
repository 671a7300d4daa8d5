"""The stage of `tfkws profile operators`: time per operator of a converted file, kept beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from tfkws.pipeline.parts.benchmark_program import OpenProgram, open_program
from tfkws.profiling.explain.roofline import Roofline
from tfkws.result_files import ResultName, profile_name
from tfkws.run_folder import write_json, write_text
from tfkws.tflite.profile import measure_roofline
from tfkws.tflite.profile.benchmark_model import profile_by_binary
from tfkws.tflite.profile.benchmark_model_program import NAME
from tfkws.tflite.profile.litert import Method, profile
from tfkws.tflite.profile.op_table import OpProfile

DEFAULT_RUNS = 200

MeasureLimits = Callable[[str, int], Roofline | None]


def profile_operators(
    model: Path,
    kernels: str = "xnnpack",
    threads: int = 1,
    runs: int = DEFAULT_RUNS,
    method: str = "profiler",
    measure_limits: MeasureLimits | None = None,
) -> OpProfile:
    """Profile a file by LiteRT; writes `profile-<stem>.json` and the profiler's own text as `profile-<stem>.txt`.

    Args:
        model: a .tflite file or a .kws bundle.
        kernels: "xnnpack" or "builtin".
        runs: profiled inferences.
        method: "profiler", or "submodels" for one model an operator.
        measure_limits: returns the machine's limits for kernels and threads; None measures them the first time, which
            takes seconds, and keeps them for later profiles.

    Raises:
        TfliteFileError, BenchmarkError, ProfileParseError: see `tfkws.tflite.profile.litert.profile`.
    """
    limits = (measure_limits or measure_roofline.roofline_for)(kernels, threads)
    result = profile(model, kernels, threads, runs, cast(Method, method), limits)
    _write(model.parent, profile_name(model.stem, kernels, method, threads), result)
    return result


def profile_by_program(
    model: Path,
    program: Path | None = None,
    kernels: str = "xnnpack",
    threads: int = 1,
    runs: int = DEFAULT_RUNS,
    measure_limits: MeasureLimits | None = None,
    open_program: OpenProgram = open_program,
) -> OpProfile:
    """Profile a file by TFLite's `benchmark_model`; writes `profile-<stem>-benchmark_model.json` and what it printed.

    Args:
        program: its path or its name on PATH; None for `benchmark_model`.

    Raises:
        TfliteFileError, BenchmarkError, ProfileParseError: as `profile_by_binary` says.
    """
    with open_program(program, "local") as there:
        limits = (measure_limits or measure_roofline.roofline_for)(kernels, threads)
        result = profile_by_binary(model, there, kernels, threads, runs, limits)
    _write(model.parent, profile_name(model.stem, kernels, NAME, threads), result)
    return result


def _write(folder: Path, name: ResultName, result: OpProfile) -> None:
    if result.raw_text:
        write_text(folder / ResultName("profile text", name.stem, name.words).file, result.raw_text)
    write_json(folder / name.file, result.to_dict())
