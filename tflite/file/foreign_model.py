"""A .tflite file made elsewhere, made to take what a front end gives and to answer with probabilities.

What its owner tells (`tfkws.config.ForeignModel`) is put into the file: before its operators a change of shape, of
scale and of number type, behind them a softmax. Whatever reads the file from then on needs to know nothing of it.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.config import ForeignModel
from tfkws.errors import ModelError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteTensor
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile, operator_code

Shape = tuple[int, ...]
Builtin, Options, Types = schema.BuiltinOperator, schema.BuiltinOptions, schema.TensorType
INTEGERS = ("int8", "uint8", "int16")
KEEPS_STATE = frozenset({"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"})


def adapted(file: TfliteFile, told: ForeignModel) -> TfliteFile:
    """Return a file that takes (1, *told.input_shape) and answers (1, classes), by the file of another program.

    A file that does so already, with scale 1 and probabilities, is returned as it is. One output for two labels
    is the probability of the second. Further outputs are left out.

    Raises:
        ModelError: it has several inputs, or its shapes are not those that were told.
        TfliteFileError: it is damaged.
    """
    graph = file.graph
    _refuse_several_inputs(file.name, graph)
    source, answer = graph.input, graph.output
    taken = _taken_shape(file.name, source, told)
    _check_output(file.name, answer, told)
    editor = file.edit()
    before, behind = _Front(editor, source, taken, told), _Back(editor, answer, told)
    if not before.operators and not behind.operators and len(graph.outputs) == 1 and taken == source.shape:
        return file
    main = editor.main
    main.operators = [*before.operators, *main.operators, *behind.operators]
    main.inputs, main.outputs = np.array([before.first], np.int32), np.array([behind.last], np.int32)
    main.tensors[source.index].shape = np.array(taken, np.int32)
    main.tensors[source.index].shapeSignature = None
    editor.model.signatureDefs = []
    return TfliteFile(editor.pack().content, file.name)


def keeps_state(graph: TfliteGraph) -> bool:
    """Return whether a file's answer depends on what it heard in earlier runs."""
    return any(tensor.is_variable for part in graph.called for tensor in part.tensors) or any(
        op.opcode in KEEPS_STATE for op in graph.all_ops
    )


def _refuse_several_inputs(name: str, graph: TfliteGraph) -> None:
    if len(graph.inputs) != 1:
        inputs = ", ".join(f"{graph.tensors[i].name!r} {graph.tensors[i].shape}" for i in graph.inputs) or "none"
        raise ModelError(
            f"{name} has {len(graph.inputs)} inputs ({inputs}); clips can be heard by a model with one input alone. "
            "Export it with the other inputs as constants."
        )


def _taken_shape(name: str, source: TfliteTensor, told: ForeignModel) -> Shape:
    """The shape that the file receives, with the sizes of what is told on its open axes."""
    wanted = told.input_shape
    shape = list(source.shape)
    axes = [axis for axis in source.open_axes if axis > 0 or len(shape) == 1]
    if 0 in source.open_axes and len(shape) > 1:
        shape[0] = 1
    if len(axes) == 1:
        rest = prod(size for axis, size in enumerate(shape) if axis != axes[0])
        if prod(wanted) % rest == 0:
            shape[axes[0]] = prod(wanted) // rest
    taken = tuple(shape)
    if axis_order(wanted, taken) is None:
        given = "samples of audio" if told.takes_audio else f"front end {told.features.name}"
        raise ModelError(
            f"{name} takes {_text(source.shape)}, and {given} gives {_text(wanted)}; choose the front end it was "
            "trained with by --features: a name, a JSON file of its settings, or audio."
        )
    return taken


def axis_order(wanted: Shape, taken: Shape) -> tuple[int, ...] | None:
    """Return how the two axes of a map are to be ordered: (0, 1) as they are, (1, 0) exchanged; None: nothing fits.

    Axes of one are passed over, and one axis takes all values as they lie.

    Example:
        >>> axis_order((49, 10, 1), (1, 490)), axis_order((49, 10, 1), (10, 49)), axis_order((49, 10, 1), (70, 7))
        ((0, 1), (1, 0), None)
    """
    given, asked = ([size for size in shape if size != 1] for shape in (wanted, taken))
    if given == asked or asked == [prod(given)] or (not given and not asked):
        return 0, 1
    return (1, 0) if given[::-1] == asked else None


def _check_output(name: str, answer: TfliteTensor, told: ForeignModel) -> None:
    classes = prod(answer.shape)
    fits = classes == len(told.labels) or (classes, len(told.labels)) == (1, 2)
    if answer.dtype not in ("float32", *INTEGERS) or not fits:
        raise ModelError(
            f"{name} answers {_text(answer.shape)} of {answer.dtype}, and {len(told.labels)} labels are told "
            f"({', '.join(told.labels)}); name every class once with --labels, in the order of the outputs."
        )


class _Chain:
    """Operators, one after the other, each on what the one before it wrote."""

    def __init__(self, editor: ModelEditor) -> None:
        self.editor = editor
        self.operators: list[Any] = []

    def tensor(self, shape: Shape, like: Any = None) -> int:
        """Add a float32 tensor, or one with the number type of another."""
        tensor = schema.TensorT()
        tensor.name = f"tfkws/{len(self.editor.main.tensors)}"
        tensor.buffer, tensor.shape = 0, np.array(shape, np.int32)
        tensor.type = Types.FLOAT32 if like is None else like.type
        tensor.quantization = None if like is None else like.quantization
        self.editor.main.tensors = [*self.editor.main.tensors, tensor]
        return len(self.editor.main.tensors) - 1

    def constant(self, values: Sequence[int] | Sequence[float], dtype: type) -> int:
        return self.editor.add_constant(f"tfkws/{len(self.editor.main.tensors)}", np.array(values, dtype))

    def add(self, builtin: int, inputs: Sequence[int], output: int, options_type: int = 0, options: Any = None) -> None:
        operator = schema.OperatorT()
        operator.opcodeIndex = self.editor.operator_code(operator_code(builtin, 1))
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        operator.builtinOptionsType, operator.builtinOptions = options_type, options
        self.operators.append(operator)

    def reshape(self, source: int, output: int, shape: Shape) -> None:
        options = schema.ReshapeOptionsT()
        options.newShape = list(shape)
        self.add(Builtin.RESHAPE, [source, self.constant(shape, np.int32)], output, Options.ReshapeOptions, options)


class _Front(_Chain):
    """What stands before the operators of a file; `first` is the tensor that is the new input."""

    def __init__(self, editor: ModelEditor, source: TfliteTensor, taken: Shape, told: ForeignModel) -> None:
        super().__init__(editor)
        wanted = (1, *told.input_shape)
        own = editor.main.tensors[source.index]
        integers, affine = source.dtype in INTEGERS, (told.scale, told.offset) != (1.0, 0.0)
        self.first = source.index
        if wanted == taken and not affine and (not integers or source.scales):
            return
        if integers and not source.scales:
            own.quantization = _whole_numbers()
        steps = [("move", axis_order(told.input_shape, taken) == (1, 0)), ("scale", affine), ("shape", True)]
        self.first = value = self.tensor(wanted)
        shape = wanted
        for step, needed in steps:
            if step == "move" and needed:
                value, shape = self.exchange(value, shape)
            elif step == "scale" and needed:
                value = self.affine(value, shape, told)
        if not integers:
            self.reshape(value, source.index, taken)
            return
        reshaped = self.tensor(taken)
        self.reshape(value, reshaped, taken)
        self.add(Builtin.QUANTIZE, [reshaped], source.index)

    def exchange(self, source: int, shape: Shape) -> tuple[int, Shape]:
        """Exchange rows and columns of a map (1, height, width, 1)."""
        turned = (shape[0], shape[2], shape[1], *shape[3:])
        output = self.tensor(turned)
        permutation = self.constant([0, 2, 1, *range(3, len(shape))], np.int32)
        self.add(Builtin.TRANSPOSE, [source, permutation], output, Options.TransposeOptions, schema.TransposeOptionsT())
        return output, turned

    def affine(self, source: int, shape: Shape, told: ForeignModel) -> int:
        product, output = self.tensor(shape), self.tensor(shape)
        scale, offset = self.constant([told.scale], np.float32), self.constant([told.offset], np.float32)
        self.add(Builtin.MUL, [source, scale], product, Options.MulOptions, schema.MulOptionsT())
        self.add(Builtin.ADD, [product, offset], output, Options.AddOptions, schema.AddOptionsT())
        return output


class _Back(_Chain):
    """What stands behind the operators of a file; `last` is the tensor that is the new output."""

    def __init__(self, editor: ModelEditor, answer: TfliteTensor, told: ForeignModel) -> None:
        super().__init__(editor)
        shape = (1, prod(answer.shape))
        single = shape == (1, 1) and len(told.labels) == 2
        self.last = answer.index
        if tuple(answer.shape) != shape:
            self.last = self.tensor(shape, editor.main.tensors[answer.index])
            self.reshape(answer.index, self.last, shape)
        if not told.logits and not single:
            return
        if answer.dtype in INTEGERS:
            self.append(Builtin.DEQUANTIZE, shape)
        if single:
            self.append_both_classes(told.logits)
        else:
            options = schema.SoftmaxOptionsT()
            options.beta = 1.0
            self.append(Builtin.SOFTMAX, shape, Options.SoftmaxOptions, options)

    def append(
        self, builtin: int, shape: Shape, options_type: int = 0, options: Any = None, more: Sequence[int] = ()
    ) -> None:
        """Add an operator on what was last written."""
        source, self.last = self.last, self.tensor(shape)
        self.add(builtin, [source, *more], self.last, options_type, options)

    def append_both_classes(self, logits: bool) -> None:
        """Add what makes (1 - p, p) of a probability p: p x (-1, 1) + (1, 0)."""
        if logits:
            self.append(Builtin.LOGISTIC, (1, 1))
        signs, ones = self.constant([-1, 1], np.float32), self.constant([1, 0], np.float32)
        self.append(Builtin.MUL, (1, 2), Options.MulOptions, schema.MulOptionsT(), [signs])
        self.append(Builtin.ADD, (1, 2), Options.AddOptions, schema.AddOptionsT(), [ones])


def _whole_numbers() -> Any:
    """A scale of 1: integers that stand for themselves."""
    parameters = schema.QuantizationParametersT()
    parameters.scale, parameters.zeroPoint = np.array([1.0], np.float32), np.array([0], np.int64)
    return parameters


def _text(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "one number"
