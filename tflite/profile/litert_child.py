"""Profile one model in this process: the request comes as JSON on stdin, events and raw text go as JSON to a file.

State that a file keeps goes on from run to run, as in a stream: runs without the profiler and runs with it are two
streams of their own, each from the first values on.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.child_processes import end_with_parent
from tfkws.clock import time_runs
from tfkws.errors import BenchmarkError, TfkwsError
from tfkws.tflite.profile.litert_library import CompiledModel, ProfilerEvent
from tfkws.tflite.runtime.bare import open_bare

BLOCK = 10
NOT_PROFILED = 3  # exit status: LiteRT's profiler does not take the file


class NotProfiledError(TfkwsError):
    """LiteRT's profiler does not take a file that its interpreter runs."""


def profile_model(request: dict[str, Any]) -> dict[str, Any]:
    """Time the whole without a profiler, as a benchmark does, then record events.

    Args:
        request: model, kernels, threads, warmup_runs, runs.

    Returns:
        whole_ns (unprofiled runs), events (tag, type, node, elapsed µs) of the main subgraph in all profiled
        runs, summary (raw text about the last ten of them) and runtime_version.

    Raises:
        TfkwsError: the file cannot be run.
        NotProfiledError: LiteRT's profiler does not take it.
    """
    path = Path(request["model"])
    plain = open_bare(str(path), request["threads"], request["kernels"], "litert", 0)
    noise = np.random.default_rng(0).normal(size=plain.full_input_shape)
    plain.set_stored_input(plain.input_quantization.store(noise.astype(np.float32)))
    try:
        model = CompiledModel(path, request["threads"], request["kernels"])
        for position, (name, values) in enumerate(plain.stored_inputs()):
            model.set_input(values, model.position_of(name, position))
        model.run()
    except BenchmarkError as error:
        raise NotProfiledError(str(error)) from error
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
        "events": [(event.tag, event.event_type, event.node, event.elapsed_us) for event in of_main_subgraph(events)],
        "summary": model.summary(),
        "runtime_version": plain.runtime_version,
    }


def of_main_subgraph(events: list[ProfilerEvent]) -> list[ProfilerEvent]:
    """Leave out the events of other subgraphs: the time of the operator that called them holds theirs."""
    return [event for event in events if event.subgraph == 0]


def main() -> None:
    """Answer one request; ends the process at once, because LiteRT's objects are not destroyed.

    When its parent ends first, it removes the folder of model and answer, and ends too.
    """
    request = json.load(sys.stdin)
    end_with_parent(request["parent"], Path(request["answer"]).parent)
    try:
        Path(request["answer"]).write_text(json.dumps(profile_model(request)), encoding="utf-8")
    except TfkwsError as error:
        sys.stderr.write(f"\n{error}")
        sys.stderr.flush()
        os._exit(NOT_PROFILED if isinstance(error, NotProfiledError) else 1)
    os._exit(0)


if __name__ == "__main__":
    main()
