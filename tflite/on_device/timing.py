"""Time one model, or one-operator models in turns, in this fresh process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.tflite.runtime.bare import BareModel, build_interpreter, fill_inputs, open_bare, runtime_version

FEWEST_RUNS = 10
WARMUP_TURNS = 10


def measure(request: dict[str, Any]) -> dict[str, Any]:
    """Load, warm up, and time single runs.

    Args:
        request: model, examples (paths; float32 .npy of (n, ...)), runtime, kernels, threads, warmup_runs, runs and
            seconds.

    Returns:
        load_us, rss_before_bytes, peak_rss_bytes, warmup_ns and samples_ns (in order), runtime_version.
    """
    examples = np.load(request["examples"], allow_pickle=False)
    rss_before = _peak_rss_bytes()
    model = open_bare(request["model"], request["threads"], request["kernels"], request["runtime"])
    stored = model.input_quantization.store(examples)
    warmup = _time_runs(model, stored, request["warmup_runs"], request["seconds"])
    samples = _time_runs(model, stored, request["runs"], request["seconds"])
    return {
        "load_us": model.load_us,
        "rss_before_bytes": rss_before,
        "peak_rss_bytes": _peak_rss_bytes(),
        "warmup_ns": warmup,
        "samples_ns": samples,
        "runtime_version": model.runtime_version,
    }


def _time_runs(model: BareModel, stored: np.ndarray, runs: int, seconds: float) -> list[int]:
    """Time `runs` runs, or fewer (at least ten) where they would take longer than `seconds`; in nanoseconds."""
    samples: list[int] = []
    clock = time.perf_counter_ns
    end = clock() + int(seconds * 1e9)
    gc.disable()
    while len(samples) < runs and (clock() < end or len(samples) < min(FEWEST_RUNS, runs)):
        position = len(samples) % len(stored)
        model.set_stored_input(stored[position : position + 1])
        started = clock()
        model.invoke()
        samples.append(clock() - started)
    gc.enable()
    return samples


def _peak_rss_bytes() -> int:
    """Largest resident size of this process so far.

    From /proc, because Linux lets `getrusage` of a child begin at its parent's peak; elsewhere from `getrusage`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure_in_turns(request: dict[str, Any]) -> dict[str, Any]:
    """Time models in turns (A B C A B C ...), each on noise by a fixed seed, so that all meet the same moments.

    Args:
        request: models (paths), runtime, kernels, threads, runs.

    Returns:
        samples_ns: one list a model, in order; runtime_version.
    """
    built = [
        build_interpreter(
            file, Path(file).read_bytes(), request["threads"], request["kernels"], request["runtime"], outlets=0
        )
        for file in request["models"]
    ]
    for interpreter in built:
        fill_inputs(interpreter)
    samples = time_in_turns([interpreter.invoke for interpreter in built], request["runs"])
    return {"samples_ns": samples, "runtime_version": runtime_version(request["runtime"])}


def time_in_turns(calls: Sequence[Callable[[], None]], runs: int) -> list[list[int]]:
    """Nanoseconds of `runs` runs of each call, after ten that are not kept."""
    clock = time.perf_counter_ns
    samples: list[list[int]] = [[] for _ in calls]
    for run in range(-WARMUP_TURNS, runs):
        for position, call in enumerate(calls):
            started = clock()
            call()
            elapsed = clock() - started
            if run >= 0:
                samples[position].append(elapsed)
    return samples
