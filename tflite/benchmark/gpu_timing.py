"""The loop in which latency on a GPU is timed, in a fresh process of the target.

What a user waits for is timed as such: input to the GPU, run, output back. Beside it, in the same turns, the run alone,
by a second copy of the file whose input lies on the GPU and which waits until the GPU has finished. Pushed to devices
(`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 with NumPy and ai-edge-litert alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.clock import time_in_turns
from tfkws.tflite.gpu.interpreter import Interpreter
from tfkws.tflite.gpu.vulkan import driver_of
from tfkws.tflite.runtime.bare import BareModel, open_bare

FEWEST_RUNS = 10


def time_on_gpu(request: dict[str, Any], examples: np.ndarray, peak_rss_bytes: Callable[[], int]) -> dict[str, Any]:
    """Load, warm up, and time single runs; see `tfkws.tflite.benchmark.timing_loop.time_model`.

    Args:
        examples: (n, ...) as float32; they are stored as the file says.
        peak_rss_bytes: largest resident size of this process so far, in bytes.

    Returns:
        What `time_model` returns, with transfer in `samples_ns`, and `accelerator`: what `facts` says, the
        driver, without_transfer_ns (in order), and largest_difference of an answer from the CPU's (None where
        one of the two is no number).
    """
    rss_before = peak_rss_bytes()
    model = open_bare(request["model"], request["threads"], request["kernels"], request["runtime"], 0)
    batches = _batches(model.input_quantization.store(examples), request.get("batch", 1))
    whole = _Whole(model, batches)
    limits = {"seconds": request["seconds"], "fewest": FEWEST_RUNS, "warmup": 0}
    warmup = time_in_turns([whole.run], request["warmup_runs"], prepare=whole.take, **limits)[0]
    peak = peak_rss_bytes()
    facts = dict(model.accelerator or {})
    run_alone = _run_alone(request, batches[0], facts["precision"])
    time_in_turns([run_alone], request["warmup_runs"], **limits)
    samples, alone = time_in_turns([whole.run, run_alone], request["runs"], prepare=whole.take, **limits)
    told = {
        **facts,
        "adapter": {**facts["adapter"], "driver": driver_of(facts["adapter"]["name"])},
        "without_transfer_ns": alone,
        "largest_difference": largest_difference(model, request, batches),
    }
    return {
        "load_us": model.load_us,
        "rss_before_bytes": rss_before,
        "peak_rss_bytes": peak,
        "warmup_ns": warmup,
        "samples_ns": samples,
        "runtime_version": model.runtime_version,
        "accelerator": told,
    }


def largest_difference(model: BareModel, request: dict[str, Any], batches: list[np.ndarray]) -> float | None:
    """Return the largest difference of an answer from the CPU's, as real numbers; None where one is no number.

    Args:
        batches: as the file stores them.
    """
    plain = open_bare(request["model"], request["threads"], request["kernels"], "litert", 0)
    largest = 0.0
    for batch in batches:
        theirs, ours = (each.output_quantization.restore(each.answer_batch(batch)) for each in (plain, model))
        largest = max(largest, float(np.abs(ours - theirs).max())) if np.isfinite(ours - theirs).all() else math.inf
    return largest if math.isfinite(largest) else None


class _Whole:
    """One clip in, one answer out."""

    def __init__(self, model: BareModel, batches: list[np.ndarray]) -> None:
        self._model, self._batches, self._next = model, batches, batches[0]

    def take(self, turn: int) -> None:
        self._next = self._batches[turn % len(self._batches)]

    def run(self) -> None:
        self._model.answer_batch(self._next)


def _batches(stored: np.ndarray, size: int) -> list[np.ndarray]:
    return [stored[first : first + size] for first in range(0, len(stored), size)]


def _run_alone(request: dict[str, Any], batch: np.ndarray, precision: str) -> Callable[[], None]:
    """A run that ends when the GPU has finished, on an input that lies there."""
    interpreter = Interpreter(Path(request["model"]).read_bytes(), precision, request["threads"], waits=True)
    BareModel(interpreter, request["runtime"], request["kernels"], request["threads"], 0.0).set_stored_input(batch)
    return interpreter.invoke
