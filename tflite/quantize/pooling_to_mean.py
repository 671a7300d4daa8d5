"""Averages over whole rows or columns as MEAN, which stores its result in steps of its own.

AVERAGE_POOL_2D must store its result in the steps of its input. An average over many values varies far less than they
do, so most of its bits are lost; a layer behind it that scales it up again scales the rounding up with it.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.graphs.rewriting import axes_averaged_away
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile, operator_code

MEAN_VERSION = 2  # the first one that takes int8


def pooling_to_mean(float_file: TfliteFile) -> TfliteFile:
    """Return the network with MEAN in place of poolings that average over all rows, all columns or both.

    Its float32 answers stay the same up to rounding; a file without such poolings is returned as it is.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph = float_file.graph
    found = [(op, axes) for op in graph.ops if (axes := averaged_axes(graph, op))]
    if not found:
        return float_file
    editor = float_file.edit()
    for op, axes in found:
        _replace(editor, op, axes)
    return editor.pack()


def averaged_axes(graph: TfliteGraph, op: TfliteOp) -> tuple[int, ...]:
    """Return the axes of a map (b, h, w, c) that an AVERAGE_POOL_2D reduces to one value each.

    They are int, some of 1 and 2; see `axes_averaged_away`.
    """
    if op.opcode != "AVERAGE_POOL_2D" or op.options["fused_activation_function"] != "none":
        return ()
    window = op.options["filter_height"], op.options["filter_width"]
    before, after = (graph.tensors[i].shape[1:3] for i in (op.inputs[0], op.outputs[0]))
    return tuple(1 + axis for axis in axes_averaged_away(window, before, after))


def _replace(editor: ModelEditor, op: TfliteOp, axes: tuple[int, ...]) -> None:
    options = schema.ReducerOptionsT()
    options.keepDims = True
    constant = editor.add_constant(f"axes;{op.index}", np.array(axes, np.int32))
    code = operator_code(schema.BuiltinOperator.MEAN, MEAN_VERSION)
    inputs = (op.inputs[0], constant)
    editor.replace_operator(op.index, code, inputs, schema.BuiltinOptions.ReducerOptions, options)
