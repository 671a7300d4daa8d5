"""The shapes of a file's inputs: which axes are open, which shape is taken, and the file with that shape for good.

A file may leave axes open, such as the batch or the number of frames; it then stores 1 for them. Whatever measures a
file fixes its shapes first, so that nothing behind that meets an open axis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import BenchmarkError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs
from tfkws.tflite.runtime.load_check import check_that_it_loads

MOST_NUMBERS = 1 << 28  # in one input
BATCH = 0  # the axis that may be open without a word: one example is measured

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class InputShape:
    """One input of a file.

    Attributes:
        name: that of the signature, where the file has one; else that of the tensor.
        shape: as it is stored, with the batch; 1 for an open axis.
        open_axes: those whose size the file leaves open.
    """

    name: str
    tensor_name: str
    shape: tuple[int, ...]
    open_axes: tuple[int, ...]


@dataclass(frozen=True)
class FixedFile:
    """A file whose inputs have known shapes.

    Attributes:
        original: the file as it was given.
        file: what runs: the same, or with other shapes.
        shapes: by input; only of inputs with open axes, and of those for which a shape was asked.
    """

    original: TfliteFile
    file: TfliteFile
    shapes: Shapes


def input_shapes(file: TfliteFile) -> tuple[InputShape, ...]:
    """Return the inputs of a file in its own order.

    Raises:
        TfliteFileError: the file is damaged.
    """
    tensors = [file.graph.tensors[index] for index in file.graph.inputs]  # parsed, so offsets are known to be right
    names = _signature_names(schema.Model.GetRootAs(file.content, 0))
    return tuple(InputShape(names.get(one.index, one.name), one.name, one.shape, one.open_axes) for one in tensors)


def fixed_file(file: TfliteFile, asked: Sequence[str] = ()) -> FixedFile:
    """Fix the shapes of a file's inputs; an open batch becomes 1.

    A file that has to be changed is loaded and run once in a child process.

    Args:
        asked: shapes such as "1,49,40", or "NAME=1,49,40" where there are several inputs.

    Raises:
        TfliteFileError: the file is damaged, or cannot run with these shapes.
        BenchmarkError: another axis is open and no shape was asked for, or what was asked fits no input.
    """
    inputs = input_shapes(file)
    wanted = _read_asked(file, inputs, asked)
    for one in inputs:
        _refuse_open(file, one, wanted)
    changed = {one.name: wanted.get(one.name, one.shape) for one in inputs if one.open_axes or one.name in wanted}
    if not changed:
        return FixedFile(file, file, {})
    return FixedFile(file, _with_shapes(file, [changed.get(one.name, one.shape) for one in inputs]), changed)


def _signature_names(model: Any) -> dict[int, str]:
    """Names that the signature of the main subgraph gives to inputs, by tensor."""
    for position in range(model.SignatureDefsLength()):
        signature = model.SignatureDefs(position)
        if signature.SubgraphIndex() == 0:
            pairs = [signature.Inputs(i) for i in range(signature.InputsLength())]
            return {pair.TensorIndex(): _text(pair.Name()) for pair in pairs}
    return {}


def _text(name: bytes | None) -> str:
    return (name or b"").decode(errors="replace")


def _read_asked(file: TfliteFile, inputs: Sequence[InputShape], asked: Sequence[str]) -> dict[str, tuple[int, ...]]:
    return dict(_read_one(file, inputs, text) for text in asked)


def _read_one(file: TfliteFile, inputs: Sequence[InputShape], text: str) -> tuple[str, tuple[int, ...]]:
    name, equals, sizes = text.rpartition("=")
    if not equals and len(inputs) > 1:
        raise BenchmarkError(
            f"{file.name} has {len(inputs)} inputs; say which by --shape NAME={sizes}. Names: {_names(inputs)}."
        )
    fitting = [one for one in inputs if not equals or name in (one.name, one.tensor_name)]
    if not fitting:
        raise BenchmarkError(f"{file.name} has no input {name!r}; it has {_names(inputs)}.")
    numbers = sizes.replace("x", ",").split(",")
    if not all(number.strip().isdecimal() and int(number) > 0 for number in numbers):
        raise BenchmarkError(f"--shape takes whole numbers from 1 on, such as 1,49,40. Received {text!r}.")
    shape = tuple(map(int, numbers))
    if len(shape) != len(fitting[0].shape):
        raise BenchmarkError(
            f"{fitting[0].name!r} of {file.name} has {len(fitting[0].shape)} axes "
            f"({_open_text(fitting[0])}). Received --shape {sizes}."
        )
    if prod(shape) > MOST_NUMBERS:
        raise BenchmarkError(f"--shape {sizes} asks for more than {MOST_NUMBERS:,} numbers; use a smaller one.")
    return fitting[0].name, shape


def _refuse_open(file: TfliteFile, one: InputShape, wanted: Shapes) -> None:
    """Refuse an input whose length is open; an open batch is none, unless it is the only axis."""
    lengths = [axis for axis in one.open_axes if axis != BATCH or len(one.shape) == 1]
    if lengths and one.name not in wanted:
        example = ",".join("N" if axis in lengths else str(size) for axis, size in enumerate(one.shape))
        raise BenchmarkError(
            f"{file.name} takes {one.name!r} of shape {_open_text(one)}, where ? is open; say what to measure by "
            f"--shape {example} with a number for N, for several inputs --shape NAME={example}."
        )


def _names(inputs: Sequence[InputShape]) -> str:
    return ", ".join(f"{one.name!r} ({_open_text(one)})" for one in inputs)


def _open_text(one: InputShape) -> str:
    return "x".join("?" if axis in one.open_axes else str(size) for axis, size in enumerate(one.shape))


def _with_shapes(file: TfliteFile, shapes: Sequence[tuple[int, ...]]) -> TfliteFile:
    """The file with these shapes of its inputs, and of every other tensor what follows from them."""
    editor = file.edit()
    for index, shape in zip(file.graph.inputs, shapes, strict=True):
        _set_shape(editor.main.tensors[index], shape)
    begun = TfliteFile(editor.pack().content, file.name)
    check_that_it_loads(begun.name, begun.content)
    interpreter = build_interpreter(begun.name, begun.content, 1, "builtin", "litert", outlets=0)
    fill_inputs(interpreter)
    interpreter.invoke()
    editor = begun.edit()
    constant = {tensor.index for tensor in file.graph.tensors if tensor.is_constant}
    for details in interpreter.get_tensor_details():
        if details["index"] < len(editor.main.tensors) and details["index"] not in constant:
            _set_shape(editor.main.tensors[details["index"]], tuple(details["shape"]))
    return TfliteFile(editor.pack().content, file.name)


def _set_shape(tensor: Any, shape: Sequence[int]) -> None:
    tensor.shape = np.array(shape, np.int32)
    tensor.shapeSignature = None
