"""Quantise a float32 file with given ranges, through ai-edge-quantizer: weights, values between operators, biases.

TensorFlow's own converter measures ranges itself and takes none from outside. It also measures the first input of an
addition after the addition has overwritten it, so that ranges before every shortcut are far too wide.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from tfkws.errors import ConversionError
from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.ranges import Ranges
from tfkws.tflite.recipes import ConversionRecipe
from tfkws.tflite.runtime.native_output import capture_native_output

WEIGHT_BITS = 8
ACTIVATION_BITS = {"int8": 8, "int16": 16}
EVERYTHING = ".*"


def quantize(float_file: TfliteFile, ranges: Ranges, recipe: ConversionRecipe) -> TfliteFile:
    """Quantise weights to int8, one scale a channel, and values between operators to the recipe's type.

    Args:
        float_file: the network in float32.
        ranges: of every value between operators, by tensor name.
        recipe: its `activations` and `keep_float` count here.

    Raises:
        ConversionError: `keep_float` names no layer, or an operator has no quantised form.
    """
    kept = _scopes(float_file.graph, recipe.keep_float)
    with capture_native_output():
        quantized = TfliteFile(_run(float_file.content, ranges, ACTIVATION_BITS[recipe.activations], kept))
    _check_complete(quantized.graph, recipe)
    return quantized


def _run(float_file: bytes, ranges: Ranges, bits: int, kept: Collection[str]) -> bytes:
    from ai_edge_quantizer import qtyping
    from ai_edge_quantizer.algorithm_manager import AlgorithmName
    from ai_edge_quantizer.quantizer import Quantizer

    everything = qtyping.TFLOperationName.ALL_SUPPORTED
    quantizer = Quantizer(float_file)
    quantizer.add_static_config(EVERYTHING, everything, activation_num_bits=bits, weight_num_bits=WEIGHT_BITS)
    for scope in kept:
        quantizer.update_quantization_recipe(scope, everything, algorithm_key=AlgorithmName.NO_QUANTIZE)
    result = quantizer.quantize(_statistics(ranges), enable_progress_bar=False, enable_progress_report=False)
    return bytes(result.quantized_model or b"")


def _statistics(ranges: Ranges) -> dict[str, Mapping[str, np.ndarray]]:
    return {
        name: {"min": np.array([low], np.float32), "max": np.array([high], np.float32)}
        for name, (low, high) in ranges.items()
    }


def _scopes(graph: TfliteGraph, layers: Collection[str]) -> list[str]:
    """Patterns of the operators of layers; ai-edge-quantizer knows an operator by its output tensors' names."""
    names = graph.layer_names
    unknown = [layer for layer in layers if layer not in names]
    if unknown:
        known = ", ".join(dict.fromkeys(names))
        raise ConversionError(f"No layer is called {', '.join(unknown)}; this network has {known}.")
    found = [graph.written(op).name for op in graph.ops if names[op.index] in layers and op.outputs]
    return [f"^{re.escape(name)}" for name in found]


def _check_complete(graph: TfliteGraph, recipe: ConversionRecipe) -> None:
    """Refuse a file in which something stayed float32 that was not asked for."""
    names = graph.layer_names
    left = [op for op in graph.ops if _is_float(graph, op) and names[op.index] not in recipe.keep_float]
    if left:
        listed = ", ".join(dict.fromkeys(f"{names[op.index]} ({op.opcode})" for op in left))
        raise ConversionError(
            f"Recipe {recipe.name} has no {recipe.activations} form of {listed}; "
            "leave it in float32 with --keep-float, or use float16."
        )


def _is_float(graph: TfliteGraph, op: TfliteOp) -> bool:
    outputs: list[Any] = [graph.tensors[i] for i in op.outputs]
    return not operator_kind(op.opcode).changes_number_type and any(tensor.dtype == "float32" for tensor in outputs)
