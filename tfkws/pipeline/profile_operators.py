"""The profile stage: profile a model and write JSON and raw text beside it."""

from pathlib import Path
from typing import cast

from tfkws.run_folder import write_json, write_text
from tfkws.tflite.profile.litert import Method, profile
from tfkws.tflite.profile.measure_roofline import roofline_for
from tfkws.tflite.profile.op_table import OpProfile


def profile_and_save(
    model: Path, kernels: str = "xnnpack", threads: int = 1, runs: int = 200, method: str = "profiler"
) -> OpProfile:
    """Profile `model`; writes `profile-<stem>.json` and the profiler's own text as `profile-<stem>.txt`.

    The machine's limits are measured the first time, which takes seconds, and kept for later profiles.

    What differs from XNNPACK kernels on one thread, timed by the profiler, is added to the stem.

    Raises:
        TfliteFileError, BenchmarkError: see `tfkws.tflite.profile.litert.profile`.
    """
    roofline = roofline_for(kernels, threads)
    result = profile(model, kernels, threads, runs, cast(Method, method), roofline)
    extra = [word for word, usual in ((kernels, "xnnpack"), (method, "profiler")) if word != usual]
    extra += [f"{threads}threads"] if threads != 1 else []
    stem = "-".join([f"profile-{model.stem}", *extra])
    if result.raw_text:
        write_text(model.parent / f"{stem}.txt", result.raw_text)
    write_json(model.parent / f"{stem}.json", result.to_dict())
    return result
