"""A file that computes no shapes while it runs: what LiteRT's accelerator needs, and other converters do not give.

`TFLiteConverter.from_keras_model` leaves the batch open, and puts SHAPE, STRIDED_SLICE and PACK before a RESHAPE.
"""

import numpy as np

from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.input_shapes import fixed_file
from tfkws.tflite.runtime.load_check import check_that_it_loads


def with_known_shapes(file: TfliteFile) -> TfliteFile:
    """Return a file with the same answers, whose batch is 1 where it was open; `file` itself where all is known.

    What depends on shapes alone is computed once, by the CPU's kernels, and stored.

    Raises:
        TfliteFileError: the file is damaged, or the runtime refuses it.
        BenchmarkError: an axis other than the batch is open.
    """
    fixed = fixed_file(file).file
    folded = folded_operators(fixed.graph)
    if not folded:
        return fixed
    check_that_it_loads(fixed.name, fixed.content)
    interpreter = build_interpreter(fixed.name, fixed.content, 1, "builtin", "litert", keep_tensors=True, outlets=0)
    fill_inputs(interpreter)
    interpreter.invoke()
    editor = fixed.edit()
    for index in (index for op in folded for index in fixed.graph.ops[op].outputs):
        value, tensor = np.asarray(interpreter.get_tensor(index)), editor.main.tensors[index]
        tensor.buffer = editor.add_buffer(np.frombuffer(value.tobytes(), np.uint8))
        tensor.shape = np.array(value.shape, np.int32)
    editor.main.operators = [op for number, op in enumerate(editor.main.operators) if number not in folded]
    return TfliteFile(editor.pack().content, file.name)


def folded_operators(graph: TfliteGraph) -> list[int]:
    """Return the numbers (int) of the operators that read nothing but shapes and constants, which are left out."""
    known: set[int] = set()
    folded = []
    for op in graph.ops:
        inputs = {i for i in op.inputs if i >= 0}
        from_shapes = inputs & known and all(i in known or graph.is_constant(i) for i in inputs)
        if op.opcode == "SHAPE" or from_shapes:
            folded.append(op.index)
            known |= set(op.outputs)
    return folded
