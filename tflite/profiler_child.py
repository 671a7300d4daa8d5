"""Profile one model in this process: the request comes as JSON on stdin, events and raw text go as JSON to a file."""

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import TfkwsError
from tfkws.tflite.interpreter import open_model
from tfkws.tflite.litert_library import CompiledModel


def measure(request: dict[str, Any]) -> dict[str, Any]:
    """Time the whole with the profiler stopped, then record events.

    Args:
        request: model, kernels, threads, warmup_runs, runs.

    Returns:
        whole_ns (unprofiled runs), events (tag, type, node, elapsed µs) of all profiled runs, summary (raw text) and
        runtime_version.
    """
    path = Path(request["model"])
    reader = open_model(path, trial=False)
    example = np.random.default_rng(0).normal(size=(1, *reader.input_shape))
    model = CompiledModel(path, request["threads"], request["kernels"])
    model.set_input(reader.input_quantization.store(example.astype(np.float32)))
    _timed(model, request["warmup_runs"])
    before = _timed(model, request["runs"])
    model.start_profiler()
    _timed(model, request["runs"])
    model.stop_profiler()
    return {
        "whole_ns": before,
        "events": [(event.tag, event.event_type, event.node, event.elapsed_us) for event in model.events()],
        "summary": model.summary(),
        "runtime_version": reader.runtime_version,
    }


def _timed(model: CompiledModel, runs: int) -> list[int]:
    gc.disable()
    samples = []
    for _ in range(runs):
        started = time.perf_counter_ns()
        model.run()
        samples.append(time.perf_counter_ns() - started)
    gc.enable()
    return samples


def main() -> None:
    """Answer one request; ends the process at once, because LiteRT's objects are not destroyed."""
    request = json.load(sys.stdin)
    try:
        Path(request["answer"]).write_text(json.dumps(measure(request)))
    except TfkwsError as error:
        sys.stderr.write(f"\n{error}")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
