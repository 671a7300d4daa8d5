"""The input of a file as microWakeWord has it: (1, frames, 40), the newest frames in the order in which they come."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.export.esphome.device import INPUT_SCALE, INPUT_ZERO_POINT
from tfkws.tflite.file.parts import add_tensor, operator, quantization
from tfkws.tflite.file.tflite_file import TfliteFile

_ROWS, _FRAMES = 1, 2  # axes of (1, rows, frames, 1)


def frames_first(file: TfliteFile, time_first: bool) -> TfliteFile:
    """Return a file that takes int8 (1, frames, rows) in place of (1, rows, frames, 1) or (1, frames, rows, 1).

    Frames and rows lie in memory as they come, so no operator moves them: a transposition behind the input is left out.

    Args:
        time_first: whether the file's own input puts frames before rows.

    Raises:
        ConversionError: the network convolves over rows of several frames at once, for which they would have to be
            transposed, and ESPHome's micro_wake_word cannot.
    """
    graph = file.graph
    shape = graph.input.shape
    frames, rows = (shape[1], shape[2]) if time_first else (shape[2], shape[1])
    in_order = time_first or frames == 1
    editor = file.edit()
    fed = graph.inputs[0]
    taken = add_tensor(
        editor.main, "frames", schema.TensorType.INT8, (1, frames, rows), quantization(INPUT_SCALE, INPUT_ZERO_POINT)
    )
    for op in graph.ops:
        if fed in op.inputs and not in_order:
            _check_transposes(graph, op)
    written = [fed] if in_order else [op.outputs[0] for op in graph.ops if fed in op.inputs]
    kept = [
        stored for op, stored in zip(graph.ops, editor.main.operators, strict=True) if in_order or fed not in op.inputs
    ]
    reshaped = []
    for tensor in written:
        sizes = editor.add_constant(f"frames_shape_{tensor}", np.array(graph.tensors[tensor].shape, np.int32))
        options = schema.ReshapeOptionsT()
        options.newShape = np.array(graph.tensors[tensor].shape, np.int32)
        reshape = (schema.BuiltinOptions.ReshapeOptions, options)
        reshaped.append(operator(editor, schema.BuiltinOperator.RESHAPE, [taken, sizes], [tensor], options=reshape))
    editor.main.operators = [*reshaped, *kept]
    editor.main.inputs = [taken, *graph.inputs[1:]]
    editor.model.signatureDefs = []
    return editor.pack()


def _check_transposes(graph: TfliteGraph, op: TfliteOp) -> None:
    order = graph.tensors[op.inputs[1]].integers if op.opcode == "TRANSPOSE" else ()
    if [axis for axis in order if axis in (_ROWS, _FRAMES)] != [_FRAMES, _ROWS]:
        raise ConversionError(
            f"Layer {graph.layer_names[op.index]} takes rows and frames as a picture, and ESPHome hands over one frame "
            "after the other; take a network whose rows are channels, such as mixednet, or, if its convolutions stride "
            "no frames, convert with --step-ms 10, so that a step is one frame."
        )
