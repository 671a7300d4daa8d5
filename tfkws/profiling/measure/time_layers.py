"""Time the leaf layers of a Keras model one by one, in execution order, on the values they really get.

This is what paper A's forward hooks did. The network is not changed: its graph is read, and every layer is called by
itself on the outputs of the layers before it.
"""

import gc
import time
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, get_args

import keras
import numpy as np

from tfkws.config import LayerSettings
from tfkws.config.measurement import LayerMode
from tfkws.cost import count
from tfkws.cost.report import CostRow
from tfkws.errors import BenchmarkError
from tfkws.graphs.keras import KerasGraph, KerasNode, read_graph
from tfkws.graphs.other_layers import counted_as
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.layer_calls import LayerCall, layer_calls, whole_call
from tfkws.profiling.measure.layer_profile import LayerProfile, LayerRow, Samples

FEWEST_PASSES = 3
MODES = get_args(LayerMode)
FLOAT_BYTES = 4


def profile_layers(
    model: Any,
    settings: LayerSettings,
    machine: dict[str, Any],
    roofline: dict[str, Any] | None = None,
    weights: str = "as given",
    examples: np.ndarray | None = None,
    input_source: str = "noise, seed 0",
) -> LayerProfile:
    """Time every layer of a model; call it within `backend.on_device(settings.device)`, where the model was built.

    Args:
        machine: the machine's state, kept with the result.
        roofline: limits of the CPU, kept with the result.
        weights: where they come from, for the record.
        examples: float32 (n, ...) inputs, the first of which is used; None for Gaussian noise by a fixed
            seed.

    Raises:
        BenchmarkError: the examples do not fit, or the backend cannot do what the settings ask for.
        CostError: the model's graph cannot be read.
    """
    graph, costs = read_graph(model), count(model).rows
    nodes, start = graph.nodes, first_inputs(graph, examples)
    calls = layer_calls(nodes, settings.mode)
    whole = {mode: [whole_call(graph, mode)] for mode in MODES}
    passes = _passes(calls, start, settings)
    for mode in MODES:
        _repeat(whole[mode], start, settings.warmup_passes, settings.device)
    repeats = [_repeat(calls, start, passes, settings.device) for _ in range(settings.trials)]
    few = min(passes, FEWEST_PASSES)
    wholes = {
        mode: [_repeat(whole[mode], start, few, settings.device) for _ in range(settings.trials)] for mode in MODES
    }
    return LayerProfile(
        model=model.name,
        input_shape=tuple(graph.model.inputs[0].shape[1:]),
        input_source=input_source,
        weights=weights,
        backend=keras.backend.backend(),
        backend_version=backend.backend_version(),
        keras_version=keras.__version__,
        device=settings.device,
        device_name=backend.device_name(settings.device),
        mode=settings.mode,
        threads=settings.threads,
        trials=settings.trials,
        passes=passes,
        warmup_passes=settings.warmup_passes,
        call_us=_call_us(settings),
        whole_compiled_us=_of_layer(wholes["compiled"], 0),
        whole_eager_us=_of_layer(wholes["eager"], 0),
        peak_macs_per_s=backend.peak_macs_per_s(settings.device),
        copy_bytes_per_s=backend.copy_bytes_per_s(settings.device),
        roofline=roofline,
        machine=machine,
        rows=tuple(
            _row(i, node, cost, _of_layer(repeats, i)) for i, (node, cost) in enumerate(zip(nodes, costs, strict=True))
        ),
    )


def first_inputs(graph: KerasGraph, examples: np.ndarray | None) -> dict[int, Any]:
    """Return the tensors (1, ...) that a model is timed on, by their ids.

    Args:
        examples: float32 (n, ...) of a model of one input, of which the first is taken; None for Gaussian noise by
            a fixed seed, and zeros where whole numbers are read.

    Raises:
        BenchmarkError: they do not fit the model.
    """
    symbols = graph.model.inputs
    if examples is None:
        rng = np.random.default_rng(0)
        return {id_: _noise(symbol, rng) for id_, symbol in zip(graph.inputs, symbols, strict=True)}
    shape = tuple(symbols[0].shape[1:])
    if len(symbols) > 1:
        raise BenchmarkError(f"{graph.model.name} has {len(symbols)} inputs; examples are for a model of one.")
    if len(examples) == 0 or examples.shape[1:] != shape:
        raise BenchmarkError(f"{graph.model.name} takes maps of shape (n, {shape}). Received {examples.shape}.")
    return {graph.inputs[0]: keras.ops.convert_to_tensor(np.asarray(examples[:1], np.float32))}


def _noise(symbol: Any, rng: np.random.Generator) -> Any:
    """Return a tensor of an input's shape and number type."""
    shape = (1, *symbol.shape[1:])
    is_float = keras.backend.is_float_dtype(symbol.dtype)
    values = rng.normal(size=shape) if is_float else np.zeros(shape)
    return keras.ops.convert_to_tensor(values.astype(symbol.dtype if symbol.dtype != "bfloat16" else "float32"))


def _passes(calls: Sequence[LayerCall], start: Mapping[int, Any], settings: LayerSettings) -> int:
    """Compile and warm up; return how many passes a repeat may have."""
    _repeat(calls, start, settings.warmup_passes, settings.device)
    seconds = sum(_one_pass(calls, start, settings.device)) / 1e6
    return max(min(FEWEST_PASSES, settings.passes), min(settings.passes, int(settings.seconds / seconds)))


def _repeat(calls: Sequence[LayerCall], start: Mapping[int, Any], passes: int, device: str) -> list[list[float]]:
    """Microseconds (passes, calls)."""
    gc.collect()
    gc.disable()
    try:
        return [_one_pass(calls, start, device) for _ in range(passes)]
    finally:
        gc.enable()


def _one_pass(calls: Sequence[LayerCall], start: Mapping[int, Any], device: str) -> list[float]:
    """Microseconds of each call. A value is dropped after its last reader, as in a real forward pass."""
    values, last = dict(start), _last_readers(calls)
    clock, times = time.perf_counter_ns, []
    for position, call in enumerate(calls):
        inputs = [values[index] for index in call.inputs]
        started = clock()
        outputs = call.run(*call.weights, *inputs)
        backend.wait(outputs, device)
        times.append((clock() - started) / 1e3)
        values |= zip(call.outputs, outputs, strict=True)
        for index in set(call.inputs):
            if last[index] == position:
                del values[index]
    return times


def _last_readers(calls: Sequence[LayerCall]) -> dict[int, int]:
    """Position of the last call that reads each tensor."""
    return {index: position for position, call in enumerate(calls) for index in call.inputs}


def _call_us(settings: LayerSettings) -> float:
    """Median time of a call without work, made in the same way."""
    inputs = keras.Input((1,))
    nothing = keras.Model(inputs, keras.layers.Identity()(inputs))
    calls = layer_calls(read_graph(nothing).nodes, settings.mode)
    start = {id(nothing.inputs[0]): keras.ops.ones((1, 1))}
    times = _repeat(calls, start, 200, settings.device)
    return float(np.median([calls_of_pass[0] for calls_of_pass in times[20:]]))


def _of_layer(repeats: Sequence[Sequence[Sequence[float]]], position: int) -> Samples:
    return tuple(tuple(round(one_pass[position], 3) for one_pass in repeat) for repeat in repeats)


def bytes_moved(node: KerasNode, cost: CostRow) -> int:
    """Return the bytes of inputs, weights and output of a layer, each once, in float32."""
    return FLOAT_BYTES * (sum(map(prod, node.input_shapes)) + prod(node.output_shape)) + cost.weight_bytes


def _row(index: int, node: KerasNode, cost: CostRow, samples_us: Samples) -> LayerRow:
    return LayerRow(
        index=index,
        name=cost.name,
        layer=type(node.layer).__name__,
        category=counted_as(node.layer).category,
        output_shape=node.output_shape,
        macs=cost.macs,
        params=cost.params,
        weight_bytes=cost.weight_bytes,
        bytes_moved=bytes_moved(node, cost),
        samples_us=samples_us,
    )
