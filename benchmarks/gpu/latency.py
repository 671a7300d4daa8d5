"""Latency and trace of one network: compile, wait until all have compiled, then measure alone. A process of its own.

    python3 -m benchmarks.gpu.latency FOLDER RESULTS NETWORK --device gpu --wait-for FILE --runs 300

The record has the form of those that `benchmarks.profile.gpu` reads.
"""

import argparse
import fcntl
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu.prepared import Network, read_plan
from benchmarks.gpu.results import latency_path
from tfkws.clock import time_in_turns
from tfkws.run_folder import write_json

BATCH = 256
LARGE_MACS = 1.1e8  # above, no batch is measured: compiling it takes longer than it is worth
WARMUP, SECONDS, TRACED, KEPT = 20, 0.5, 10, 60
LOCK, READY = "card.lock", "ready"


def build_network(network: Network, batch: int) -> tuple[Any, list[Any]]:
    """Build a network with weights of seed 0 and an input of noise, on the device in scope.

    Returns:
        Its graph, and its inputs: one tensor (batch, height, width, channels).
    """
    import keras

    from tfkws.graphs.keras import read_graph
    from tfkws.models import build_model

    keras.utils.set_random_seed(0)
    model = build_model(network.name, input_shape=network.input_shape, num_classes=network.classes)
    noise = np.random.default_rng(0).normal(size=(batch, *network.input_shape)).astype(np.float32)
    return read_graph(model), [keras.ops.convert_to_tensor(noise)]


def measure(network: Network, folder: Path, results: Path, device: str, go: Path, runs: int) -> None:
    """Measure one network, and write its record.

    Args:
        go: file that appears when nothing compiles any more.
        runs: most calls of each measurement.
    """
    import jax
    import keras

    from tfkws.cost import count
    from tfkws.models import build_model
    from tfkws.profiling.measure import backend
    from tfkws.profiling.trace.program import compile_network

    began = time.time()
    with backend.on_device(device):
        graph, inputs = build_network(network, batch=1)
        built_s = time.time() - began
        program = compile_network(graph, inputs, device)
        program.call()
        compile_s = time.time() - began - built_s
        rows = count(build_model(network.name, input_shape=network.input_shape, num_classes=network.classes)).rows
        small = sum(row.macs or 0 for row in rows) < LARGE_MACS
        many = compile_network(*build_network(network, batch=BATCH), device).call if small else None
        (go.parent / f"{network.name}.{READY}").touch()
        with _alone(go):
            record = {
                "net": network.name, "input": network.input_shape, "classes": network.classes,
                "device": jax.devices()[0].device_kind, "jax": jax.__version__, "keras": keras.__version__,
                "compile_s": compile_s, "built_at_s": built_s, "params": sum(row.params for row in rows),
                "all_ready": True, "commit": read_plan(folder).commit, "b1_us": timed(program.call, runs),
                **({"b256_us": timed(many, runs)} if many else {}),
                "trace": traced(program, device, [row.name for row in rows], runs),
            }  # fmt: skip
    write_json(latency_path(results, network.name), record)


@contextmanager
def _alone(go: Path) -> Iterator[None]:
    """Wait until all have compiled, then for the card."""
    while not go.exists():
        time.sleep(0.02)
    with (go.parent / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def timed(call: Callable[[], Any], runs: int) -> dict[str, Any]:
    """Time a call from call to answer, µs: median, tails, and at most 60 samples."""
    samples = np.array(time_in_turns([call], runs, warmup=min(WARMUP, runs), seconds=SECONDS, fewest=5)[0]) / 1e3
    thinned = samples[:: max(1, len(samples) // KEPT)]
    return {
        "median": float(np.median(samples)),
        "p5": float(np.percentile(samples, 5)),
        "p95": float(np.percentile(samples, 95)),
        "n": len(samples),
        "samples": [round(float(value), 1) for value in thinned],
    }


def traced(program: Any, device: str, names: list[str], runs: int) -> dict[str, Any]:
    """Trace a few calls: busy time and kernels of one, by layer, and the kernels' names with their number."""
    from tfkws.profiling.trace.attribution import kernels_per_call, trace_rows
    from tfkws.profiling.trace.kernels import busy_us, kernels_of
    from tfkws.profiling.trace.record import record

    passes = min(TRACED, runs)
    record(program.call, 1)  # the profiler's own start is slow the first time
    kernels = kernels_of(record(program.call, passes), device)
    return {
        "passes": passes,
        "busy_us": busy_us(kernels) / passes,
        "kernels": kernels_per_call([kernels], passes),
        "rows": [asdict(row) for row in trace_rows([kernels], passes, program.layers_of, names)],
        "kernel_names": Counter(kernel.name for kernel in kernels).most_common(30),
    }


def main(arguments: list[str]) -> None:
    """Measure the network that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("network")
    parser.add_argument("--device", default="gpu")
    parser.add_argument("--wait-for", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=300)
    asked = parser.parse_args(arguments)
    (network,) = read_plan(asked.folder).only([asked.network]).networks
    measure(network, asked.folder, asked.results, asked.device, asked.wait_for, asked.runs)


if __name__ == "__main__":
    main(sys.argv[1:])
