"""Time one model in this fresh process: the request comes as JSON on stdin, the samples go as JSON to stdout."""

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import TfkwsError
from tfkws.tflite.interpreter import TfliteModel, open_model

FEWEST_RUNS = 10


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
    model = open_model(
        Path(request["model"]), request["threads"], request["kernels"], request["runtime"], trial=False
    )  # fmt: skip
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


def _time_runs(model: TfliteModel, stored: np.ndarray, runs: int, seconds: float) -> list[int]:
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
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Answer one request; an error becomes one line on stderr and exit code 1."""
    try:
        answer = measure(json.load(sys.stdin))
    except TfkwsError as error:
        sys.stderr.write(str(error))
        return 1
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
