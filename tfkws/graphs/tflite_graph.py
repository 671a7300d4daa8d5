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


@dataclass(frozen=True)
class TfliteGraph:
    """The main subgraph of a file.

    Attributes:
        ops: operators in execution order.
        tensors: all tensors, each at its index.
        inputs, outputs: indices (int) of the network's inputs and outputs.
    """

    ops: tuple[TfliteOp, ...]
    tensors: tuple[TfliteTensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def input(self) -> TfliteTensor:
        """The first input of the network."""
        return self.tensors[self.inputs[0]]

    @property
    def output(self) -> TfliteTensor:
        """The first output of the network."""
        return self.tensors[self.outputs[0]]

    def consumers(self, tensor: int) -> tuple[TfliteOp, ...]:
        """Return the operators that read a tensor, by its index (int)."""
        return tuple(op for op in self.ops if tensor in op.inputs)

    def only_reader(self, op: TfliteOp) -> TfliteOp | None:
        """Return the operator that alone reads what another writes.

        None where several or none do, or where the value is an output of the network.
        """
        readers = self.consumers(op.outputs[0])
        return readers[0] if len(readers) == 1 and op.outputs[0] not in self.outputs else None

    def is_constant(self, index: int) -> bool:
        """Return whether a tensor, which may be left out (-1), has its values in the file."""
        return index >= 0 and self.tensors[index].is_constant

    def computing_ops(self) -> tuple[TfliteOp, ...]:
        """Return the operators that run at each inference.

        A runtime computes an operator on constants alone once, when it loads the file.
        """
        return tuple(op for op in self.ops if not all(i < 0 or self.tensors[i].is_constant for i in op.inputs))

    def bytes_moved(self, op: TfliteOp) -> int:
        """Return the bytes of everything that an operator reads and writes, each tensor once."""
        return sum(self.tensors[index].size_bytes for index in op.tensors)

    def constant_bytes(self, op: TfliteOp) -> int:
        """Return the bytes of the constants that an operator reads, each tensor once."""
        return sum(self.tensors[index].size_bytes for index in op.tensors if self.tensors[index].is_constant)

    @cached_property
    def stored(self) -> Mapping[int, TfliteTensor]:
        """What the file stores for each constant; float16 weights stand behind a DEQUANTIZE."""
        stored = {tensor.index: tensor for tensor in self.tensors if tensor.is_constant}
        unpacked = [op for op in self.ops if op.opcode == "DEQUANTIZE" and op.inputs[0] in stored]
        return stored | {op.outputs[0]: stored[op.inputs[0]] for op in unpacked}

    def layer_name(self, op: TfliteOp) -> str:
        """Return the name of the Keras layer that an operator came from, or of its output tensor.

        See the function `layer_name`.
        """
        return layer_name(self.tensors[op.outputs[0]].name, op.opcode)

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """Name of the Keras layer behind each operator, in execution order."""
        return tuple(map(self.layer_name, self.ops))


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
