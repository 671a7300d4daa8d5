"""The output of a file as microWakeWord has it: the word's probability alone, uint8 (1, 1), 0 to 255 for 0 to 255/256.

ESPHome has no softmax. Of two classes it is the logistic function of the difference of their logits, and the difference
is a dense layer with weights 1 and -1, which takes int8 logits without rounding.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.file.parts import add_tensor, operator, quantization
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile

_ONE = 64  # stands for 1 in the weights, so that the factor to the difference is a power of two
_SURE = 5.6  # a difference at which the probability is 255/256 or more
_STEP = 1 / 256
_BUILTIN, _OPTIONS, _TYPES = schema.BuiltinOperator, schema.BuiltinOptions, schema.TensorType


def word_probability(file: TfliteFile, word: int) -> TfliteFile:
    """Return a file that answers with the probability of one of its two classes.

    Args:
        word: number of the class, 0 or 1.

    Raises:
        ConversionError: it does not end in a softmax of two int8 logits.
    """
    graph = file.graph
    softmax = _softmax(graph)
    logits = graph.tensors[softmax.inputs[0]]
    editor = file.edit()
    main = editor.main
    one = logits.scales[0]
    scale = max(one, min(2 * one, _SURE / 127))  # exact where logits reach so far that the answer changes no more
    difference = add_tensor(main, "logit_difference", _TYPES.INT8, (1, 1), quantization(scale, 0))
    probability = add_tensor(main, "int8_probability", _TYPES.INT8, (1, 1), quantization(_STEP, -128))
    answer = add_tensor(main, "probability", _TYPES.UINT8, (1, 1), quantization(_STEP, 0))
    kept = [stored for op, stored in zip(graph.ops, main.operators, strict=True) if op.index != softmax.index]
    main.operators = [
        *kept,
        _subtraction(editor, logits.index, difference, word, logits.scales[0]),
        operator(editor, _BUILTIN.LOGISTIC, [difference], [probability], version=2),
        operator(editor, _BUILTIN.QUANTIZE, [probability], [answer]),
    ]
    main.outputs = [answer, *graph.outputs[1:]]
    editor.model.signatureDefs = []
    return editor.pack()


def _subtraction(editor: ModelEditor, logits: int, difference: int, word: int, scale: float) -> object:
    """The dense layer that subtracts the other class's logit from the word's."""
    signs = np.where(np.arange(2) == word, _ONE, -_ONE).astype(np.int8)[None]
    weights = add_tensor(
        editor.main,
        "difference_weights",
        _TYPES.INT8,
        (1, 2),
        quantization(1 / _ONE, 0),
        editor.add_buffer(signs.view(np.uint8).ravel()),
    )
    bias = add_tensor(
        editor.main,
        "difference_bias",
        _TYPES.INT32,
        (1,),
        quantization(scale / _ONE, 0),
        editor.add_buffer(np.zeros(4, np.uint8)),
    )
    options = schema.FullyConnectedOptionsT()
    return operator(
        editor,
        _BUILTIN.FULLY_CONNECTED,
        [logits, weights, bias],
        [difference],
        version=4,
        options=(_OPTIONS.FullyConnectedOptions, options),
    )


def _softmax(graph: TfliteGraph) -> TfliteOp:
    """The softmax that gives the first output."""
    last = [op for op in graph.ops if graph.outputs[0] in op.outputs]
    if not last or last[0].opcode != "SOFTMAX" or graph.output.shape != (1, 2) or graph.output.dtype != "int8":
        raise ConversionError(
            "ESPHome's micro_wake_word takes a network of two classes, the word and all else, that ends in a softmax; "
            "train with --task wake-word and one word, and convert with --quantize int8 --streaming."
        )
    return last[0]
