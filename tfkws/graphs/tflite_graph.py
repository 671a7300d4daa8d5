"""A .tflite file as plain data: operators, tensors, options; `tfkws.graphs.tflite_parser` reads it from bytes.

Shapes include the batch, which is 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tfkws.graphs.operator_kinds import operator_kind

_RUNNING_NUMBER = re.compile(r"_\d+$")
# Options that name subgraphs, in the order in which they run.
SUBGRAPH_OPTIONS = (
    "cond_subgraph_index", "body_subgraph_index", "then_subgraph_index", "else_subgraph_index", "subgraph",
    "init_subgraph_index", "branch_subgraph_indices", "decomposition_subgraph_index",
)  # fmt: skip
_UNPACKING = ("DEQUANTIZE", "DENSIFY")
_FUSED_ROLE = re.compile(r"_(norm|relu6?|silu|sigmoid)$")


@dataclass(frozen=True)
class TfliteTensor:
    """One tensor.

    Attributes:
        shape: with the batch; empty for a scalar.
        dtype: lower case, such as "float32" or "int8".
        is_constant: whether its values are stored in the file.
        size_bytes: of its values, from shape and dtype.
        scales, zero_points: real = scale * (stored - zero_point); one each, or one for each index of
            `quantized_dimension`; empty where it is not quantised.
        data_range: (first, last + 1) byte of a constant in the file.
        is_variable: whether the runtime keeps its value from one run to the next.
        open_axes: axes whose length the caller may choose; `shape` holds 1 there, or what the converter assumed.
        integers: values of a constant of a few integers, such as axes and bounds of loops; empty for others.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    is_constant: bool
    size_bytes: int
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    quantized_dimension: int = 0
    data_range: tuple[int, int] = (0, 0)
    is_variable: bool = False
    open_axes: tuple[int, ...] = ()
    integers: tuple[int, ...] = ()

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape without a batch of one; the whole shape where the first axis is longer."""
        return self.shape[1:] if self.shape[:1] == (1,) else self.shape

    @property
    def stored_bytes(self) -> int:
        """Bytes of a constant in the file; fewer than `size_bytes` where its zeros are left out."""
        return self.data_range[1] - self.data_range[0]


@dataclass(frozen=True)
class TfliteOp:
    """One operator.

    Attributes:
        index: its place in execution order, from 0.
        opcode: name in the schema, such as "CONV_2D"; "CUSTOM:name" for a custom operator.
        inputs, outputs: indices (int) of tensors; -1 for an optional input that is left out.
        options: in snake case, such as stride_h, dilation_h_factor, depth_multiplier, filter_height,
            keep_dims; `padding` ("same", "valid") and `fused_activation_function` ("none", "relu", ...) as
            names.
    """

    index: int
    opcode: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def tensors(self) -> frozenset[int]:
        """Indices of all tensors that it reads or writes."""
        return frozenset(index for index in (*self.inputs, *self.outputs) if index >= 0)

    @property
    def subgraphs(self) -> tuple[int, ...]:
        """Numbers of the subgraphs that it calls, as a WHILE its condition and its body; 0 is the main one."""
        named = [self.options[name] for name in SUBGRAPH_OPTIONS if name in self.options]
        return tuple(number for one in named for number in (one if isinstance(one, tuple) else (one,)))


@dataclass(frozen=True)
class TfliteGraph:
    """A subgraph of a file: the main one, unless it came from `subgraph`.

    Attributes:
        ops: operators in execution order.
        tensors: all tensors, each at its index.
        inputs, outputs: indices (int) of the network's inputs and outputs.
        others: the other subgraphs of the file, from number 1: those that control flow calls, and those of other
            signatures. They hold no others themselves.
        signatures: names under which a runtime offers the subgraphs of the file.
    """

    ops: tuple[TfliteOp, ...]
    tensors: tuple[TfliteTensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    others: tuple["TfliteGraph", ...] = ()
    signatures: tuple[str, ...] = ()

    @property
    def input(self) -> TfliteTensor:
        """The first input of the network; a tensor of no values where it takes none."""
        return self.tensors[self.inputs[0]] if self.inputs else _NOTHING

    @property
    def output(self) -> TfliteTensor:
        """The first output of the network; a tensor of no values where it gives none."""
        return self.tensors[self.outputs[0]] if self.outputs else _NOTHING

    def subgraph(self, number: int) -> "TfliteGraph":
        """Return a subgraph of the file by its number; 0 is this one."""
        return self.others[number - 1] if number else self

    @cached_property
    def called(self) -> tuple["TfliteGraph", ...]:
        """This subgraph and those that it calls, directly or through others, each once."""
        found = [0]
        for number in found:
            calls = [called for op in self.subgraph(number).ops for called in op.subgraphs]
            found += dict.fromkeys(called for called in calls if called not in found)
        return tuple(map(self.subgraph, found))

    @cached_property
    def all_ops(self) -> tuple[TfliteOp, ...]:
        """Operators of this subgraph and of those that it calls."""
        return tuple(op for graph in self.called for op in graph.ops)

    def consumers(self, tensor: int) -> tuple[TfliteOp, ...]:
        """Return the operators that read a tensor, by its index (int)."""
        return tuple(op for op in self.ops if tensor in op.inputs)

    def only_reader(self, op: TfliteOp) -> TfliteOp | None:
        """Return the operator that alone reads what another writes.

        None where several or none do, where the value is an output of the network, or where it writes nothing.
        """
        if not op.outputs:
            return None
        readers = self.consumers(op.outputs[0])
        return readers[0] if len(readers) == 1 and op.outputs[0] not in self.outputs else None

    def is_constant(self, index: int) -> bool:
        """Return whether a tensor, which may be left out (-1), has its values in the file."""
        return index >= 0 and self.tensors[index].is_constant

    def computing_ops(self) -> tuple[TfliteOp, ...]:
        """Return the operators that run at each inference.

        A runtime computes an operator on constants alone once, when it loads the file.
        """
        return tuple(
            op for op in self.ops
            if not op.inputs or not all(i < 0 or self.tensors[i].is_constant for i in op.inputs)
        )  # fmt: skip

    def bytes_moved(self, op: TfliteOp) -> int:
        """Return the bytes of everything that an operator reads and writes, each tensor once."""
        return sum(self.tensors[index].size_bytes for index in op.tensors)

    def constant_bytes(self, op: TfliteOp) -> int:
        """Return the bytes of the constants that an operator reads, each tensor once."""
        return sum(self.tensors[index].size_bytes for index in op.tensors if self.tensors[index].is_constant)

    @cached_property
    def stored(self) -> Mapping[int, TfliteTensor]:
        """What the file stores for each constant; float16 weights stand behind a DEQUANTIZE, sparse ones a DENSIFY."""
        stored = {tensor.index: tensor for tensor in self.tensors if tensor.is_constant}
        for op in self.ops:
            if op.opcode in _UNPACKING and op.outputs and op.inputs and op.inputs[0] in stored:
                stored[op.outputs[0]] = stored[op.inputs[0]]
        return stored

    def matrices(self, op: TfliteOp) -> tuple[TfliteTensor, ...]:
        """Return the stored weights that multiply in an operator: of a recurrent one every matrix, of others one."""
        kind = operator_kind(op.opcode)
        slots = op.inputs[1:] if kind.layer_class == "Recurrent" else op.inputs[1:2]
        stored = tuple(self.stored[i] for i in slots if kind.has_weights and i in self.stored)
        return tuple(one for one in stored if len(one.shape) > 1 or kind.layer_class != "Recurrent")

    def layer_name(self, op: TfliteOp) -> str:
        """Return the name of the Keras layer that an operator came from, or of its output tensor.

        One that writes nothing, as ASSIGN_VARIABLE, has its own name. See the function `layer_name`.
        """
        written = self.written(op).name
        return layer_name(written, op.opcode) if written else op.opcode.lower()

    def written(self, op: TfliteOp) -> TfliteTensor:
        """Return the first tensor that an operator writes; a tensor of no values and no name where it writes none."""
        return self.tensors[op.outputs[0]] if op.outputs else _NOTHING

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """Name of the Keras layer behind each operator, in execution order."""
        return tuple(map(self.layer_name, self.ops))


_NOTHING = TfliteTensor(-1, "", (), "none", False, 0)


def layer_name(tensor_name: str, opcode: str) -> str:
    """Return the name of the Keras layer that wrote a tensor, or the tensor's name where it holds none.

    The converter writes `m_1/unit1_conv_relu_1/Relu;m_1/unit1_conv_norm_1/...;m_1/unit1_conv_1/convolution`:
    the fused layers joined by semicolons, each with its scope and a running number. A convolution or dense
    layer is named without the normalisation and activation fused into it.

    Example:
        >>> layer_name("tiny_1/unit1_conv_relu_1/Relu;tiny_1/unit1_conv_1/convolution", "CONV_2D")
        'unit1_conv'
    """
    paths = [part.split("/") for part in tensor_name.split(";")]
    layers = [_RUNNING_NUMBER.sub("", path[1]) for path in paths if len(path) > 2]
    if not layers:
        return tensor_name
    if operator_kind(opcode).absorbs_norm:
        return max((_FUSED_ROLE.sub("", layer) for layer in layers), key=len)
    return layers[-1]
