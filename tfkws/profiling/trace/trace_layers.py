"""Trace the whole compiled network, and give the device's kernels to its layers by name scopes.

Calling layers one by one measures calls: on a GPU each takes 70 µs and more, whatever the layer does. Here the network
is compiled whole and runs as it would in use; the device's own profiler says what ran, for how long, and for which
layer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from tfkws.clock import time_runs
from tfkws.config import LayerSettings
from tfkws.cost import count
from tfkws.cost.report import CostRow
from tfkws.errors import BenchmarkError
from tfkws.graphs.keras import KerasNode, read_graph
from tfkws.graphs.other_layers import counted_as
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.layer_profile import LayerProfile, mean
from tfkws.profiling.measure.time_layers import FEWEST_PASSES, bytes_moved, first_inputs
from tfkws.profiling.trace.attribution import kernels_per_call, trace_rows
from tfkws.profiling.trace.kernels import Kernel, busy_us, kernels_of
from tfkws.profiling.trace.layer_trace import LayerTrace, TracedLayer
from tfkws.profiling.trace.program import compile_network
from tfkws.profiling.trace.record import record

# What to do where a trace holds no kernel.
_MENDS = {
    "gpu": "install NVIDIA's CUPTI library, and allow its use (NVreg_RestrictProfilingToAdminUsers=0)",
    "cpu": "install another version of the backend",
}


@dataclass(frozen=True)
class Recording:
    """What was recorded: times of calls without the profiler (µs), and kernels of as many calls with it."""

    passes: int
    call_us: tuple[tuple[float, ...], ...]
    kernels: tuple[tuple[Kernel, ...], ...]


def trace_layers(
    model: Any,
    settings: LayerSettings,
    machine: dict[str, Any],
    weights: str = "as given",
    examples: np.ndarray | None = None,
    input_source: str = "noise, seed 0",
) -> LayerTrace:
    """Trace a model; call it within `backend.on_device(settings.device)`, where the model was built.

    Args:
        settings: all but the mode count.
        machine: the machine's state, kept with the result.
        weights: where they come from, for the record.
        examples: float32 (n, ...) inputs, the first of which is used; None for Gaussian noise by a fixed
            seed.

    Raises:
        BenchmarkError: the examples do not fit, the backend is neither JAX nor TensorFlow, or the trace holds
            no kernel of the device.
        CostError: the model's graph cannot be read.
        ProfileParseError: the trace cannot be read.
    """
    graph = read_graph(model)
    start = first_inputs(graph, examples)
    program = compile_network(graph, [start[tensor] for tensor in graph.inputs], settings.device)
    recorded = record_repeats(program.call, settings)
    layers = tuple(_layer(node, cost) for node, cost in zip(graph.nodes, count(model).rows, strict=True))
    names = [layer.name for layer in layers]
    return LayerTrace(
        model=model.name,
        input_shape=tuple(graph.model.inputs[0].shape[1:]),
        input_source=input_source,
        weights=weights,
        backend=keras.backend.backend(),
        backend_version=backend.backend_version(),
        keras_version=keras.__version__,
        device=settings.device,
        device_name=backend.device_name(settings.device),
        threads=settings.threads,
        trials=settings.trials,
        passes=recorded.passes,
        call_us=recorded.call_us,
        busy_us=tuple(round(busy_us(kernels) / recorded.passes, 4) for kernels in recorded.kernels),
        kernels=kernels_per_call(recorded.kernels, recorded.passes),
        layers=layers,
        rows=trace_rows(recorded.kernels, recorded.passes, program.layers_of, names),
        hooks_call_us=None,
        machine=machine,
    )


def record_repeats(call: Callable[[], Any], settings: LayerSettings) -> Recording:
    """Time and trace a compiled call in turns, as often as the settings say; for any program of the backend.

    Args:
        call: runs the program once and returns when the answer is there.

    Raises:
        BenchmarkError: the trace holds no kernel of the device.
        ProfileParseError: the trace cannot be read.
    """
    record(call, settings.warmup_passes)  # the profiler's own start is slow the first time
    seconds = sum(time_runs(call, FEWEST_PASSES)) / FEWEST_PASSES / 1e9
    passes = max(min(FEWEST_PASSES, settings.passes), min(settings.passes, int(settings.seconds / seconds)))
    times, kernels = [], []
    for _ in range(settings.trials):
        times.append(tuple(ns / 1e3 for ns in time_runs(call, passes)))
        kernels.append(kernels_of(record(call, passes), settings.device))
    if not all(kernels):
        raise BenchmarkError(
            f"The trace of {keras.backend.backend()} {backend.backend_version()} holds no kernel of the "
            f"{settings.device}; {_MENDS[settings.device]}, or have layers called one by one (--how hooks)."
        )
    return Recording(passes, tuple(times), tuple(kernels))


def with_hooks(trace: LayerTrace, hooks: LayerProfile) -> LayerTrace:
    """Put beside each layer what it takes when it is called by itself, as a framework's hooks see it.

    Args:
        hooks: of the same model, on the same device.
    """
    times = {row.name: mean([mean(repeat) for repeat in row.samples_us]) for row in hooks.rows}
    layers = tuple(replace(layer, hooks_us=times.get(layer.name)) for layer in trace.layers)
    return replace(trace, layers=layers, hooks_call_us=hooks.call_us)


def _layer(node: KerasNode, cost: CostRow) -> TracedLayer:
    return TracedLayer(
        name=cost.name,
        layer=type(node.layer).__name__,
        category=counted_as(node.layer).category,
        macs=cost.macs or 0,
        params=cost.params,
        weight_bytes=cost.weight_bytes,
        bytes_moved=bytes_moved(node, cost),
    )
