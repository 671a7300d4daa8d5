"""Cross-layer equalisation: neighbouring convolutions scaled so that a range fits all channels of the value between.

The output channels of one are divided by factors and the input channels of the next multiplied by them, which changes
nothing in float32 where only a ReLU lies between (Nagel et al. 2019, arXiv:1906.04721). Weights have a scale for each
channel here, so the factors follow from the values between and the weights that read them (Xiao et al. 2022,
arXiv:2211.10438).
"""

from collections.abc import Iterator

import numpy as np

from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile
from tfkws.tflite.runtime.model import open_model

SCALE_FREE = ("none", "relu", "relu6")
LIMIT = 6.0  # of ReLU6
SMALLEST_FACTOR = 1 / 64  # of the largest; a channel that is almost silent is not blown up without bound


def equalise(float_file: TfliteFile, examples: np.ndarray) -> TfliteFile:
    """Return the network with equalised channels; its float32 answers stay the same up to rounding.

    Args:
        examples: float32 (n, ...), on which the largest value of each channel is measured.

    Raises:
        TfliteFileError: the file is damaged.
    """
    editor = float_file.edit()
    largest = _largest_by_channel(float_file, examples)
    for first, second in neighbours(float_file.graph):
        _equalise_pair(editor, first, second, largest[first.outputs[0]])
    return editor.pack()


def neighbours(graph: TfliteGraph) -> Iterator[tuple[TfliteOp, TfliteOp]]:
    """Find each convolution with the only operator that reads it.

    Yields:
        Pairs of a convolution and a convolution, dense layer or product by channel, with no activation, ReLU
        or ReLU6 between them.
    """
    for first in graph.ops:
        second = graph.only_reader(first) if operator_kind(first.opcode).is_convolution else None
        if second is None:
            continue
        if first.options["fused_activation_function"] in SCALE_FREE and _reads_channels(graph, first, second):
            yield first, second


def _reads_channels(graph: TfliteGraph, first: TfliteOp, second: TfliteOp) -> bool:
    axis = operator_kind(second.opcode).input_axis
    if axis is None or second.inputs[0] != first.outputs[0]:
        return False
    constant = all(graph.tensors[i].is_constant for op in (first, second) for i in op.inputs[1:3] if i >= 0)
    channels = graph.tensors[first.outputs[0]].shape[-1]
    shape = graph.tensors[second.inputs[1]].shape
    return constant and len(shape) > 0 and shape[axis] == channels


def _equalise_pair(editor: ModelEditor, first: TfliteOp, second: TfliteOp, largest: np.ndarray) -> None:
    output_axis, input_axis = operator_kind(first.opcode).output_axis, operator_kind(second.opcode).input_axis
    weights, after = (editor.constant(op.index, 1) for op in (first, second))
    factors = _factors(second, largest, after)
    if first.options["fused_activation_function"] == "relu6":
        factors = np.maximum(factors, np.minimum(largest / LIMIT, 1.0))  # or what was seen would be cut off
    editor.replace_constant(first.index, 1, weights / along(factors, weights, output_axis))
    if len(first.inputs) > 2 and first.inputs[2] >= 0:
        editor.replace_constant(first.index, 2, editor.constant(first.index, 2) / factors)
    editor.replace_constant(second.index, 1, after * along(factors, after, input_axis))


def _factors(second: TfliteOp, largest: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return by what each channel is divided.

    A depthwise convolution has a scale for each channel, so the values get equal ranges; elsewhere one scale
    serves all input channels, and the ranges of values and weights are made equal to each other.
    """
    if operator_kind(second.opcode).is_depthwise:
        factors = largest
    else:
        axis = (operator_kind(second.opcode).input_axis or 0) % after.ndim
        weights = np.abs(after).max(axis=tuple(i for i in range(after.ndim) if i != axis))
        factors = np.sqrt(largest / np.maximum(weights, 1e-12))
    top = factors.max()
    return np.ones_like(factors) if top <= 0 else np.maximum(factors / top, SMALLEST_FACTOR)


def along(factors: np.ndarray, values: np.ndarray, axis: int | None) -> np.ndarray:
    """Shape factors, one a channel, to multiply `values` along an axis; None for the last one.

    Returns:
        The factors with a shape of as many axes as `values`, all but one of size 1.
    """
    shape = [1] * values.ndim
    shape[-1 if axis is None else axis] = -1
    return factors.reshape(shape)


def _largest_by_channel(float_file: TfliteFile, examples: np.ndarray) -> dict[int, np.ndarray]:
    """Largest absolute value of each output channel of each convolution, by the output tensor."""
    model = open_model(float_file, kernels="builtin", load_check=False, keep_tensors=True)
    found: dict[int, np.ndarray] = {}
    outputs = [op.outputs[0] for op in model.graph.ops if operator_kind(op.opcode).is_convolution]
    for example in examples:
        model.set_stored_input(np.asarray(example[None], np.float32))
        model.invoke()
        for tensor in outputs:
            values = np.abs(model.tensor(tensor))
            values = values.reshape(-1, values.shape[-1]).max(axis=0)
            found[tensor] = np.maximum(found.get(tensor, values), values)
    return found
