"""The stage of `tfkws compare`: two profiles side by side; model files are profiled first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfkws.errors import ProfileParseError
from tfkws.pipeline.profile.operators import profile_operators
from tfkws.profiling.explain.profile_comparison import Comparison, compare
from tfkws.run_folder import read_record
from tfkws.tflite.bundle.archive import RUNNABLE
from tfkws.tflite.profile.op_table import OpProfile

PROFILE = ".json"


def compare_files(first: Path, second: Path, profile: Callable[[Path], OpProfile] = profile_operators) -> Comparison:
    """Compare two profiles, or two model files, or one with the other.

    A .tflite file or a bundle is profiled here, with the default settings of `tfkws profile operators`, and its
    profile is kept beside it as that command does.

    Args:
        profile: profiles a model file.

    Raises:
        ProfileParseError: a file is neither a profile nor a model that can be profiled here.
        BenchmarkError: both network and conditions differ, or nothing does; or profiling failed.
        TfliteFileError, RunFolderError: a file is missing or damaged.
    """
    return compare(_record(first, profile), _record(second, profile))


def _record(path: Path, profile: Callable[[Path], OpProfile]) -> dict[str, Any]:
    if path.suffix in RUNNABLE:
        return profile(path).to_dict()
    if path.suffix != PROFILE:
        raise ProfileParseError(
            f"{path} is no profile: give a profile-*.json or layers-*.json that `tfkws profile` wrote, or a .tflite or "
            ".kws file, which is profiled first."
        )
    found = read_record(path)
    if not isinstance(found, dict):
        raise ProfileParseError(f"{path} holds no profile; give a profile-*.json or layers-*.json of `tfkws profile`.")
    return found
