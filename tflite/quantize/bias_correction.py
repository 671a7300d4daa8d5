"""Bias correction: the mean error that rounded weights leave in each output channel is taken off the bias.

Nagel et al. 2019, arXiv:1906.04721, section 4.2, with inputs measured on calibration clips. The mean over all output
points of a convolution needs no convolution: it is the kernel times the mean of the patches that the kernel sees.
"""

import numpy as np

from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.layer_errors import pair_operators, restore
from tfkws.tflite.quantize.ranges import Ranges
from tfkws.tflite.recipes import ConversionRecipe
from tfkws.tflite.runtime.model import open_model

EXAMPLES = 64


def correct_bias(
    float_file: TfliteFile, ranges: Ranges, recipe: ConversionRecipe, examples: np.ndarray, count: int = EXAMPLES
) -> TfliteFile:
    """Return the float32 network with biases that make up for the rounding of its weights.

    Each operator is corrected for its own weights only. Correcting for what the operators before it leave as
    well would count their errors twice, once they are corrected themselves; over many layers that diverges.

    Args:
        ranges, recipe: how it will be quantised.
        examples: float32 (n, ...).
        count: how many of them are used.

    Raises:
        TfliteFileError, ConversionError: as `quantize`.
    """
    quantized = quantize(float_file, ranges, recipe)
    editor = float_file.edit()
    pairs = corrected_pairs(float_file.graph, quantized.graph)
    patches = mean_patches(quantized, [second for _, second in pairs], examples[:count])
    for first, second in pairs:
        patch = patches[second.index]
        bias = constant(float_file, first.inputs[2])
        error = mean_output(quantized, second, patch) - mean_output(float_file, first, patch)
        editor.replace_constant(first.index, 2, bias - error)
    return editor.pack()


def corrected_pairs(reference: TfliteGraph, quantized: TfliteGraph) -> list[tuple[TfliteOp, TfliteOp]]:
    """Return the pairs of the same operator in both networks whose bias can be corrected."""
    return [pair for pair in pair_operators(reference, quantized) if _is_corrected(reference, pair[0])]


def mean_output(file: TfliteFile, op: TfliteOp, patch: np.ndarray) -> np.ndarray:
    """Return the mean of each output channel before the activation, float (filters,).

    Args:
        file: that the operator is of.
        patch: what its kernel sees on average, see `mean_patch`.
    """
    kernel = constant(file, op.inputs[1])
    bias = constant(file, op.inputs[2]) if len(op.inputs) > 2 and op.inputs[2] >= 0 else 0.0
    if operator_kind(op.opcode).is_depthwise:
        multiplier = kernel.shape[3] // patch.shape[2]
        return (kernel[0] * np.repeat(patch, multiplier, axis=2)).sum(axis=(0, 1)) + bias
    return kernel.reshape(len(kernel), -1) @ patch.ravel() + bias


def mean_patches(file: TfliteFile, ops: list[TfliteOp], examples: np.ndarray) -> dict[int, np.ndarray]:
    """Return the mean patch of each operator over examples, as real numbers, by the operator's index.

    Args:
        examples: float (examples, ...), inputs of the file.
    """
    model = open_model(file, kernels="builtin", load_check=False, keep_tensors=True)
    stored = model.input_quantization.store(np.asarray(examples, np.float32))
    sums: dict[int, np.ndarray] = {}
    for example in stored:
        model.set_stored_input(example[None])
        model.invoke()
        for op in ops:
            values = restore(model.graph.tensors[op.inputs[0]], model.tensor(op.inputs[0]))
            sums[op.index] = sums.get(op.index, 0.0) + mean_patch(values, op, model.graph)
    return {index: total / len(stored) for index, total in sums.items()}


def mean_patch(values: np.ndarray, op: TfliteOp, graph: TfliteGraph) -> np.ndarray:
    """Return the mean over output points of what a kernel sees.

    Args:
        values: float (1, h, w, c) for a convolution, (1, c) for a dense layer.

    Returns:
        float (kh, kw, c), or (c,) for a dense layer.
    """
    if operator_kind(op.opcode).layer_class == "Dense":
        return np.asarray(values.reshape(-1, graph.tensors[op.inputs[1]].shape[1]).mean(axis=0))
    kernel, output = graph.tensors[op.inputs[1]].shape[1:3], graph.tensors[op.outputs[0]].shape[1:3]
    steps = [(op.options[f"stride_{axis}"], op.options[f"dilation_{axis}_factor"]) for axis in "hw"]
    padded = values[0] if op.options["padding"] == "valid" else _padded(values[0], kernel, output, steps)
    patch = np.empty((*kernel, values.shape[-1]))
    for place in np.ndindex(*kernel):
        seen = tuple(
            slice(offset * dilation, offset * dilation + stride * (count - 1) + 1, stride)
            for offset, count, (stride, dilation) in zip(place, output, steps, strict=True)
        )
        patch[place] = padded[seen].mean(axis=(0, 1))
    return patch


def constant(file: TfliteFile, index: int) -> np.ndarray:
    """Return the real values of a constant of a file, float64."""
    tensor = file.graph.tensors[index]
    stored = np.frombuffer(file.content[slice(*tensor.data_range)], tensor.dtype).reshape(tensor.shape)
    return restore(tensor, stored)


def _padded(
    values: np.ndarray, kernel: tuple[int, ...], output: tuple[int, ...], steps: list[tuple[int, int]]
) -> np.ndarray:
    """Zeros around a map (h, w, c), as many as "same" takes; where their number is odd, one more on the far side."""
    widths = []
    for size, points, count, (stride, dilation) in zip(values.shape[:2], kernel, output, steps, strict=True):
        missing = max(0, (count - 1) * stride + (points - 1) * dilation + 1 - size)
        widths.append((missing // 2, missing - missing // 2))
    return np.pad(values, [*widths, (0, 0)])


def _is_corrected(graph: TfliteGraph, op: TfliteOp) -> bool:
    """Whether weights and bias of an operator are constants."""
    return (
        operator_kind(op.opcode).absorbs_norm
        and len(op.inputs) > 2
        and all(graph.is_constant(i) for i in op.inputs[1:3])
    )
