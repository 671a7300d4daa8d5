"""Profile one model in this process: the request comes as JSON on stdin, events and raw text go as JSON to a file."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.clock import time_runs
from tfkws.errors import TfkwsError
from tfkws.tflite.profile.litert_library import CompiledModel, ProfilerEvent
from tfkws.tflite.runtime.model import open_model

BLOCK = 10


def profile_model(request: dict[str, Any]) -> dict[str, Any]:
    """Time the whole without a profiler, as a benchmark does, then record events.

    Args:
        request: model, kernels, threads, warmup_runs, runs.

    Returns:
        whole_ns (unprofiled runs), events (tag, type, node, elapsed µs) of all profiled runs, summary (raw
        text about the last ten of them) and runtime_version.
    """
    path = Path(request["model"])
    plain = open_model(path, request["threads"], request["kernels"], load_check=False)
    example = np.random.default_rng(0).normal(size=(1, *plain.input_shape))
    stored = plain.input_quantization.store(example.astype(np.float32))
    plain.set_stored_input(stored)
    model = CompiledModel(path, request["threads"], request["kernels"])
    model.set_input(stored)
    time_runs(plain.invoke, request["warmup_runs"])
    time_runs(model.run, request["warmup_runs"])
    whole: list[int] = []
    events: list[ProfilerEvent] = []
    while len(whole) < request["runs"]:  # in turns, so that a busy moment of the machine meets both alike
        whole += time_runs(plain.invoke, BLOCK)
        model.start_profiler()
        time_runs(model.run, BLOCK)
        model.stop_profiler()
        events += model.events()
    return {
        "whole_ns": whole,
        "events": [(event.tag, event.event_type, event.node, event.elapsed_us) for event in events],
        "summary": model.summary(),
        "runtime_version": plain.runtime_version,
    }


def main() -> None:
    """Answer one request; ends the process at once, because LiteRT's objects are not destroyed."""
    request = json.load(sys.stdin)
    try:
        Path(request["answer"]).write_text(json.dumps(profile_model(request)), encoding="utf-8")
    except TfkwsError as error:
        sys.stderr.write(f"\n{error}")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
