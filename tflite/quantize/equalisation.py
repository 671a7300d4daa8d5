"""Cross-layer equalisation: neighbouring convolutions scaled so that a range fits all channels of the value between.

The output channels of one are divided by factors and the input channels of the next multiplied by them, which changes
nothing in float32 where only a ReLU lies between (Nagel et al. 2019, arXiv:1906.04721). Weights have a scale for each
channel here, so the factors follow from the values between and the weights that read them (Xiao et al. 2022,
arXiv:2211.10438).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tfkws.graphs.tflite import TfliteGraph, TfliteOp, read_graph
from tfkws.tflite.file.editing import pack, read_constant, unpack, write_constant
from tfkws.tflite.runtime.model import open_model

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
SCALE_FREE = ("none", "relu", "relu6")
LIMIT = 6.0  # of ReLU6
SMALLEST_FACTOR = 1 / 64  # of the largest; a channel that is almost silent is not blown up without bound
OUTPUT_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3}
INPUT_AXIS = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 1, "MUL": -1}


def equalise(float_file: bytes, examples: np.ndarray) -> bytes:
    """Return the network with equalised channels; its float32 answers stay the same up to rounding.

    Args:
        examples: float32 (n, ...), on which the largest value of each channel is measured.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph, model = read_graph(float_file), unpack(float_file)
    largest = _largest_by_channel(float_file, examples)
    for first, second in neighbours(graph):
        _equalise_pair(model, first, second, largest[first.outputs[0]])
    return pack(model)


def neighbours(graph: TfliteGraph) -> Iterator[tuple[TfliteOp, TfliteOp]]:
    """Pairs of a convolution and the only operator that reads it: a convolution, dense layer or product by channel."""
    for first in graph.ops:
        second = graph.only_reader(first) if first.opcode in CONVOLUTIONS else None
        if second is None:
            continue
        if first.options["fused_activation_function"] in SCALE_FREE and _reads_channels(graph, first, second):
            yield first, second


def _reads_channels(graph: TfliteGraph, first: TfliteOp, second: TfliteOp) -> bool:
    if second.opcode not in INPUT_AXIS or second.inputs[0] != first.outputs[0]:
        return False
    constant = all(graph.tensors[i].is_constant for op in (first, second) for i in op.inputs[1:3] if i >= 0)
    channels, shape = graph.tensors[first.outputs[0]].shape[-1], graph.tensors[second.inputs[1]].shape
    return constant and len(shape) > 0 and shape[INPUT_AXIS[second.opcode]] == channels


def _equalise_pair(model: Any, first: TfliteOp, second: TfliteOp, largest: np.ndarray) -> None:
    operators = model.subgraphs[0].operators
    weights, after = (read_constant(model, operators[op.index].inputs[1]) for op in (first, second))
    factors = _factors(second, largest, after)
    if first.options["fused_activation_function"] == "relu6":
        factors = np.maximum(factors, np.minimum(largest / LIMIT, 1.0))  # or what was seen would be cut off
    bias = operators[first.index].inputs[2] if len(operators[first.index].inputs) > 2 else -1
    write_constant(model, first.index, 1, weights / along(factors, weights, OUTPUT_AXIS[first.opcode]))
    if bias >= 0:
        write_constant(model, first.index, 2, read_constant(model, bias) / factors)
    write_constant(model, second.index, 1, after * along(factors, after, INPUT_AXIS[second.opcode]))


def _factors(second: TfliteOp, largest: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By what each channel is divided.

    A depthwise convolution has a scale for each channel, so the values get equal ranges; elsewhere one scale serves all
    input channels, and the ranges of values and weights are made equal to each other.
    """
    if second.opcode == "DEPTHWISE_CONV_2D":
        factors = largest
    else:
        axis = INPUT_AXIS[second.opcode] % after.ndim
        weights = np.abs(after).max(axis=tuple(i for i in range(after.ndim) if i != axis))
        factors = np.sqrt(largest / np.maximum(weights, 1e-12))
    top = factors.max()
    return np.ones_like(factors) if top <= 0 else np.maximum(factors / top, SMALLEST_FACTOR)


def along(factors: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    """Shape factors, one a channel, to multiply `values` along an axis."""
    shape = [1] * values.ndim
    shape[axis] = -1
    return factors.reshape(shape)


def _largest_by_channel(float_file: bytes, examples: np.ndarray) -> dict[int, np.ndarray]:
    """Largest absolute value of each output channel of each convolution, by the output tensor."""
    model = open_model(float_file, kernels="builtin", load_check=False, keep_tensors=True)
    found: dict[int, np.ndarray] = {}
    outputs = [op.outputs[0] for op in model.graph.ops if op.opcode in CONVOLUTIONS]
    for example in examples:
        model.set_stored_input(np.asarray(example[None], np.float32))
        model.invoke()
        for tensor in outputs:
            values = np.abs(model.tensor(tensor))
            values = values.reshape(-1, values.shape[-1]).max(axis=0)
            found[tensor] = np.maximum(found.get(tensor, values), values)
    return found
