"""The loop in which latency is timed, in a fresh process of the target: one model, or many small ones in turns.

Pushed to devices (`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 with NumPy and a runtime alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.clock import time_in_blocks, time_in_turns
from tfkws.errors import TfliteFileError
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs, open_bare
from tfkws.tflite.runtime.runtimes import is_on_gpu, runtime_version

FEWEST_RUNS = 10


def time_model(request: dict[str, Any]) -> dict[str, Any]:
    """Load a model, warm it up, and time single runs.

    Args:
        request: model, examples (paths; float32 .npy of (n, ...)), runtime, kernels, threads, warmup_runs,
            runs and seconds: fewer runs, but at least ten, are made where they would take longer; batch, where
            a run takes several examples at once.

    Returns:
        load_us, rss_before_bytes, peak_rss_bytes, warmup_ns and samples_ns (in order), runtime_version; on a
        GPU accelerator, too (`tfkws.tflite.benchmark.gpu_timing`).
    """
    examples = np.load(request["examples"], allow_pickle=False)
    if is_on_gpu(request["runtime"]):
        from tfkws.tflite.benchmark.gpu_timing import time_on_gpu

        return time_on_gpu(request, examples, _peak_rss_bytes)
    rss_before = _peak_rss_bytes()
    model = open_bare(request["model"], request["threads"], request["kernels"], request["runtime"], 0)
    stored = model.input_quantization.store(examples)
    batch = request.get("batch", 1)

    def set_input(turn: int) -> None:
        position = turn * batch % len(stored)
        model.set_stored_input(stored[position : position + batch])

    warmup, samples = (
        time_in_turns(
            [model.invoke], runs, warmup=0, seconds=request["seconds"], fewest=FEWEST_RUNS, prepare=set_input
        )[0]
        for runs in (request["warmup_runs"], request["runs"])
    )
    return {
        "load_us": model.load_us,
        "rss_before_bytes": rss_before,
        "peak_rss_bytes": _peak_rss_bytes(),
        "warmup_ns": warmup,
        "samples_ns": samples,
        "runtime_version": model.runtime_version,
    }


def time_models_in_turns(request: dict[str, Any]) -> dict[str, Any]:
    """Time models in turns (A B C A B C ...), each on noise by a fixed seed.

    So a busy moment of the machine affects all of them alike.

    Args:
        request: models (paths), runtime, kernels, threads, runs; block, where a turn is so many runs of one model
            (`tfkws.clock.time_in_blocks`), and a model that the runtime refuses is left out.

    Returns:
        samples_ns: one list a model, in order, of times in ns; runtime_version; with blocks refused, one string a
        model: why it has no samples, or nothing.

    Raises:
        TfliteFileError: the runtime refuses a file.
    """
    runtime = request["runtime"]
    if "block" in request:
        return {**_time_in_blocks(request), "runtime_version": runtime_version(runtime)}
    samples = time_in_turns([_load(request, file) for file in request["models"]], request["runs"])
    return {"samples_ns": samples, "runtime_version": runtime_version(runtime)}


def _time_in_blocks(request: dict[str, Any]) -> dict[str, Any]:
    """Time those models that load and run."""
    calls: list[Callable[[], Any]] = []
    refused: list[str] = []
    for file in request["models"]:
        try:
            invoke = _load(request, file)
            invoke()
        except (TfliteFileError, RuntimeError, ValueError) as error:
            refused.append((str(error.__cause__ or error) or type(error).__name__).splitlines()[0])
        else:
            calls.append(invoke)
            refused.append("")
    timed = iter(time_in_blocks(calls, request["runs"], request["block"]))
    return {"samples_ns": [[] if reason else next(timed) for reason in refused], "refused": refused}


def _load(request: dict[str, Any], file: str) -> Callable[[], Any]:
    """Return what runs a model on noise."""
    threads, kernels, runtime = (request[name] for name in ("threads", "kernels", "runtime"))
    interpreter = build_interpreter(file, Path(file).read_bytes(), threads, kernels, runtime, outlets=0)
    fill_inputs(interpreter)
    invoke: Callable[[], Any] = interpreter.invoke
    return invoke


def _peak_rss_bytes() -> int:
    """Return the largest resident size of this process so far.

    From /proc, because Linux lets `getrusage` of a child begin at its parent's peak; elsewhere from
    `getrusage`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(
            next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")).split()[
                1
            ]
        )
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
