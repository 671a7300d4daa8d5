"""Averages over whole rows or columns as MEAN, which stores its result in steps of its own.

AVERAGE_POOL_2D must store its result in the steps of its input. An average over many values varies far less than they
do, so most of its bits are lost; a layer behind it that scales it up again scales the rounding up with it.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.tflite import TfliteGraph, TfliteOp, read_graph
from tfkws.tflite.file.editing import add_constant, pack, unpack

MAP_AXES = (1, 2)  # rows and columns of (b, h, w, c)


def averages_as_means(float_file: bytes) -> bytes:
    """Return the network with MEAN in place of poolings that average over all rows, all columns or both.

    Its float32 answers stay the same up to rounding; a file without such poolings is returned as it is.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph = read_graph(float_file)
    found = [(op, axes) for op in graph.ops if (axes := averaged_axes(graph, op))]
    if not found:
        return float_file
    model = unpack(float_file)
    model.operatorCodes = [*model.operatorCodes, _mean_code()]
    for op, axes in found:
        _replace(model, op, axes)
    return pack(model)


def averaged_axes(graph: TfliteGraph, op: TfliteOp) -> tuple[int, ...]:
    """Axes that a pooling averages away entirely; none where it is no average, or a window is left to slide."""
    if op.opcode != "AVERAGE_POOL_2D" or op.options["fused_activation_function"] != "none":
        return ()
    before, after = (graph.tensors[i].shape for i in (op.inputs[0], op.outputs[0]))
    window = {1: op.options["filter_height"], 2: op.options["filter_width"]}
    axes = tuple(axis for axis in MAP_AXES if window[axis] == before[axis] > 1 == after[axis])
    kept = [axis for axis in MAP_AXES if axis not in axes]
    return axes if all(window[axis] == 1 and before[axis] == after[axis] for axis in kept) else ()


def _mean_code() -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.MEAN
    code.version = 2  # the first one that takes int8
    return code


def _replace(model: Any, op: TfliteOp, axes: tuple[int, ...]) -> None:
    operator, options = model.subgraphs[0].operators[op.index], schema.ReducerOptionsT()
    options.keepDims = True
    constant = add_constant(model, f"axes;{op.index}", np.array(axes, np.int32))
    operator.opcodeIndex, operator.inputs = len(model.operatorCodes) - 1, [op.inputs[0], constant]
    operator.builtinOptionsType, operator.builtinOptions = schema.BuiltinOptions.ReducerOptions, options
