"""The stage of `tfkws profile operators --target`: time per operator on a device, kept beside the model here."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.output_folder import check_output_folder, keep
from tfkws.pipeline.parts.kept_results import path_beside
from tfkws.pipeline.profile.operators import MeasureLimits
from tfkws.result_files import profile_name
from tfkws.run_folder import write_json
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.profile import measure_roofline
from tfkws.tflite.profile.litert import profile_of_submodels
from tfkws.tflite.profile.op_table import HERE, OpProfile
from tfkws.tflite.profile.time_operators_on_target import operator_files, time_files
from tfkws.tflite.runtime.input_shapes import fixed_file
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.targets.open import is_emulated
from tfkws.tflite.targets.questions import ask_machine
from tfkws.tflite.targets.session import Session
from tfkws.tflite.targets.timing_target import open_timing_session

SUBMODELS = "submodels"
OpenSession = Callable[[str, str, int, str, Path | None], AbstractContextManager[Session]]


def profile_on_target(
    model: Path,
    settings: OperatorSettings,
    target: str,
    *,
    python: str = "",
    record: Path | None = None,
    shapes: Sequence[str] = (),
    measure_limits: MeasureLimits | None = None,
    open_session: OpenSession = open_timing_session,
) -> OpProfile:
    """Time the operators of a file by themselves on a target; writes `profile-<stem>-submodels-<target>.json`.

    Limits of another machine than this one are not measured, so no row is held against them.

    Args:
        model: a .tflite file or a .kws bundle.
        settings: whose method must be submodels.
        target, python, record: as `tfkws.tflite.targets.open.open_target` takes them.
        shapes: of the file's inputs, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.
        measure_limits: of this machine, as `tfkws.pipeline.profile.operators.profile_operators` takes it.

    Raises:
        ConfigError: another method is asked for.
        TfliteFileError, ProfileParseError: the file is damaged, or its times make no sense.
        BenchmarkError: a measurement fails, or the target is emulated.
        TargetError, RuntimeUnavailableError: the target cannot be used.
        RunFolderError: the model's folder cannot be written, which is found out first; NotKeptError if it shows later.
    """
    refuse_emulated(target)
    if settings.method != SUBMODELS:
        raise ConfigError(f"A target takes --method {SUBMODELS}; the profiler runs on this machine alone.")
    check_output_folder(model.parent, "")
    fixed = fixed_file(read_runnable(model), shapes)
    check_that_it_loads(str(model), fixed.file.content)
    files = operator_files(fixed.file)
    with open_session(target, settings.runtime, files.size_bytes, python, record) as session:
        machine = ask_machine(session)
        times, version = time_files(session, fixed.file, files, settings)
    limits = None
    if session.target == HERE:
        limits = (measure_limits or measure_roofline.roofline_for)(settings.kernels, settings.threads)
    made = profile_of_submodels(model.name, fixed, settings, times, version, limits, machine)
    result = replace(made, target=session.target)
    name = profile_name(model.stem, settings.kernels, SUBMODELS, settings.threads, shapes, target)
    keep(result, lambda: write_json(path_beside(model, name), result.to_dict()))
    return result


def refuse_emulated(target: str) -> None:
    """Refuse to time on an emulated target.

    Raises:
        BenchmarkError: it is one; the message names the command that counts.
    """
    if is_emulated(target):
        raise BenchmarkError(
            f"{target} is emulated, and times there mean nothing; `tfkws count FILE --operators --target {target}` "
            "counts the instructions of each operator instead."
        )
