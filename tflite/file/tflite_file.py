"""One .tflite file, opened once: its bytes, and what `tfkws.graphs.tflite_parser` parses from them.

A transformation of a file takes a `TfliteFile` and returns one; what else it needs is bound beforehand, so that several
can stand in a tuple and be applied in order.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.errors import TfliteFileError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.graphs.tflite_parser import DAMAGE, parse_tflite, read_file
from tfkws.tflite.file.contents import FileContents, describe
from tfkws.tflite.file.flatbuffer import pack, unpack
from tfkws.tflite.file.metadata import ENTRY, FileMetadata, check_shapes, parse_metadata, to_json

_PLACEHOLDER = 127  # what the schema's older field of eight bits holds for operators that it cannot number
_TYPES = {"float32": schema.TensorType.FLOAT32, "int32": schema.TensorType.INT32}


@dataclass(frozen=True)
class TfliteFile:
    """The bytes of a .tflite file, with what is in them; two files are equal where their bytes are.

    Attributes:
        content: the bytes.
        name: for messages; the path where it was read from one.

    Example:
        >>> from tfkws.tflite.file.small_models import chain
        >>> file = TfliteFile(chain(2))
        >>> len(file.graph.ops), file.contents.operators, file.metadata
        (2, {'ABS': 2}, None)
        >>> file.edit().pack() == file
        True
    """

    content: bytes = field(repr=False)
    name: str = field(default="The model", compare=False)

    @classmethod
    def read(cls, path: Path) -> "TfliteFile":
        """Read a file from disk; nothing is parsed yet.

        Raises:
            TfliteFileError: there is no such file.
        """
        return cls(read_file(path), str(path))

    @cached_property
    def graph(self) -> TfliteGraph:
        """Operators and tensors of the main subgraph.

        Raises:
            TfliteFileError: the file is damaged or not a .tflite file.
        """
        return parse_tflite(self.content, self.name)

    @cached_property
    def contents(self) -> FileContents:
        """Number types, sizes and counts, as `tfkws convert` records them.

        Raises:
            TfliteFileError: the file is damaged or not a .tflite file.
        """
        return describe(self.graph, self.content)

    @cached_property
    def metadata(self) -> FileMetadata | None:
        """What the file says about itself; None where it says nothing.

        Raises:
            TfliteFileError: the file or its metadata are damaged, do not fit each other, or come from a newer
                version.
        """
        return parse_metadata(self.graph, self.content, self.name)

    @cached_property
    def sha256(self) -> str:
        """Digest of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def model(self) -> Any:
        """The schema's own objects, a `schema.ModelT`, to be read and never changed.

        Raises:
            TfliteFileError: the file is damaged or not a .tflite file.
        """
        return _unpacked(self)

    def edit(self) -> "ModelEditor":
        """Return a copy to be changed.

        Raises:
            TfliteFileError: the file is damaged or not a .tflite file.
        """
        return ModelEditor(self)

    def with_metadata(self, metadata: FileMetadata) -> "TfliteFile":
        """Return the file with `metadata` inside, in place of earlier ones; nothing else changes for a runtime.

        Raises:
            TfliteFileError: the file is damaged, or does not have the shapes that the metadata state.
        """
        check_shapes(self.graph, metadata.input_shape, len(metadata.labels), metadata.states)
        editor = self.edit()
        editor.set_metadata(ENTRY, to_json(metadata))
        return editor.pack()


def tflite_file(source: TfliteFile | Path | bytes) -> TfliteFile:
    """Return the file at a path, of bytes, or that was opened already.

    Raises:
        TfliteFileError: there is no such file.
    """
    if isinstance(source, TfliteFile):
        return source
    return TfliteFile.read(source) if isinstance(source, Path) else TfliteFile(source)


Transformation = Callable[[TfliteFile], TfliteFile]


def transformed(file: TfliteFile, transformations: Sequence[Transformation]) -> TfliteFile:
    """Apply transformations in order."""
    return reduce(lambda made, transform: transform(made), transformations, file)


class ModelEditor:
    """A changed copy of a file; `pack` writes it.

    Attributes:
        graph: of the file as it was read; operators and tensors keep their numbers until `pack`.
        model: the schema's own objects, a `schema.ModelT`.
        main: the main subgraph of `model`.
    """

    def __init__(self, file: TfliteFile) -> None:
        self.graph = file.graph
        self.model: Any = _unpacked(file)
        self.main: Any = self.model.subgraphs[0]

    def constant(self, op: int, slot: int) -> np.ndarray:
        """Return the float32 constant that an operator reads as input number `slot`, as a copy."""
        stored = self.main.tensors[self.main.operators[op].inputs[slot]]
        data = np.asarray(self.model.buffers[stored.buffer].data, np.uint8)
        return np.frombuffer(data.tobytes(), np.float32).reshape(tuple(stored.shape)).copy()

    def replace_constant(self, op: int, slot: int, values: np.ndarray) -> None:
        """Give an operator another float32 constant as input number `slot`.

        The converter lets operators share equal constants, so the operator gets a tensor and a buffer of its
        own.
        """
        operator = self.main.operators[op]
        old = _text(self.main.tensors[operator.inputs[slot]].name)
        operator.inputs = np.array(operator.inputs, np.int32)
        operator.inputs[slot] = self.add_constant(f"{old};{op}.{slot}", np.asarray(values, np.float32))

    def add_constant(self, name: str, values: np.ndarray) -> int:
        """Add a constant, float32 or int32; return the number of its tensor."""
        tensor = schema.TensorT()
        tensor.name = name
        tensor.type = _TYPES[values.dtype.name]
        tensor.shape = np.array(values.shape, np.int32)
        tensor.buffer = self.add_buffer(np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8))
        self.main.tensors = [*self.main.tensors, tensor]
        return len(self.main.tensors) - 1

    def add_buffer(self, data: Any) -> int:
        """Add a buffer of bytes; return its number."""
        buffer = schema.BufferT()
        buffer.data = data
        self.model.buffers = [*self.model.buffers, buffer]
        return len(self.model.buffers) - 1

    def operator_code(self, code: Any) -> int:
        """Return the number (int) of an operator code; it is added where it is missing.

        Args:
            code: a `schema.OperatorCodeT`.
        """
        keys = [_code_key(known) for known in self.model.operatorCodes]
        if _code_key(code) not in keys:
            self.model.operatorCodes = [*self.model.operatorCodes, code]
            return len(keys)
        return keys.index(_code_key(code))

    def replace_operator(self, op: int, code: Any, inputs: Sequence[int], options_type: int, options: Any) -> None:
        """Put another operator in the place of one, which writes the same tensors.

        Args:
            op: its number, int.
            code: a `schema.OperatorCodeT`.
            inputs: numbers of tensors.
            options_type, options: a value of `schema.BuiltinOptions`, and the table of that type.
        """
        operator = self.main.operators[op]
        operator.opcodeIndex = self.operator_code(code)
        operator.inputs = list(inputs)
        operator.builtinOptionsType = options_type
        operator.builtinOptions = options

    def set_metadata(self, name: str, content: bytes) -> None:
        """Put a metadata entry (bytes) into the file, in place of earlier ones of that name."""
        kept = [entry for entry in self.model.metadata or [] if _text(entry.name) != name]
        entry = schema.MetadataT()
        entry.name = name
        entry.buffer = self.add_buffer(list(content))
        self.model.metadata = [*kept, entry]

    def pack(self) -> TfliteFile:
        """Write the file; equal changes of equal files give equal bytes."""
        return TfliteFile(pack(self.model))


def _unpacked(file: TfliteFile) -> Any:
    """Return a file as the schema's objects; parts that parsing passes over may be damaged too.

    Raises:
        TfliteFileError: they are.
    """
    try:
        return unpack(file.content)
    except DAMAGE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TfliteFileError(f"{file.name} is a damaged .tflite file ({reason}); get the file again.") from error


def operator_code(builtin: int, version: int) -> Any:
    """Return a `schema.OperatorCodeT` of a `schema.BuiltinOperator` at a version."""
    code = schema.OperatorCodeT()
    code.builtinCode = builtin
    code.deprecatedBuiltinCode = min(builtin, _PLACEHOLDER)
    code.version = version
    return code


def _code_key(code: Any) -> tuple[Any, ...]:
    return code.builtinCode, code.deprecatedBuiltinCode, code.version, code.customCode


def _text(name: bytes | str) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name
