"""The whole arena of a file in TensorFlow Lite Micro without its interpreter: maps as planned, structures counted.

An interpreter that was built for 64 bits keeps 24 bytes a tensor, 64 an operator, 104 an input or output, 8 a channel
of every convolution, what variables hold, and what each kernel keeps. While it plans it needs memory for a moment,
which small networks do not have in their maps. Bytes of kernels were fitted to what the interpreter of the package
`tflite-micro` records for 28 files. The sum is 0 to 4 % above what it measures, microWakeWord's own files included.
"""

from dataclasses import dataclass

from tfkws.cost.activation_memory import ALIGNMENT
from tfkws.cost.micro_arena import MULTIPLIER, count_micro_maps, planned_buffers, scratch_buffers
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp

_OF_ALL = 616  # the interpreter and its allocator
_OF_A_TENSOR, _OF_AN_OPERATOR = 24, 64
_OF_AN_OUTLET, _OF_ITS_SCALE = 64 + 8, 32  # an input or output with its pointer
_OF_KERNELS = {
    "ASSIGN_VARIABLE": 28, "AVERAGE_POOL_2D": 172, "CALL_ONCE": 56, "CONCATENATION": 136, "CONV_2D": 120,
    "DEPTHWISE_CONV_2D": 120, "MAX_POOL_2D": 172, "MEAN": 176, "QUANTIZE": 64, "RESHAPE": 52, "STRIDED_SLICE": 100,
    "SUM": 176,
}  # fmt: skip
_SMALL = frozenset(
    ("ADD", "FULLY_CONNECTED", "LOGISTIC", "MUL", "PAD", "READ_VARIABLE", "SOFTMAX", "TRANSPOSE", "VAR_HANDLE")
)
_OF_A_SMALL_KERNEL, _OF_ANOTHER_KERNEL = 24, 176
_INT16_SOFTMAX = 2_080  # two tables of exponentials
_WITH_MULTIPLIERS = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"})
_PLAN, _PLAN_OF_A_TENSOR, _PLAN_OF_A_BUFFER = 300, 32, 40


@dataclass(frozen=True)
class MicroArena:
    """The memory that TensorFlow Lite Micro asks for to run a file.

    Attributes:
        arena_bytes: in all: maps, structures, and what planning takes for a moment.
        maps_bytes: of it, for maps and scratch; reused by operators that do not run at the same time.
        structures_bytes: of it, for what is kept: tensors, operators, multipliers of channels, variables.
        measured: whether its own interpreter ran the file in an arena of that size, or the file was counted.
    """

    arena_bytes: int
    maps_bytes: int
    structures_bytes: int
    measured: bool

    @property
    def arena_kib(self) -> float:
        """All of it in KiB."""
        return self.arena_bytes / 1024

    @property
    def how(self) -> str:
        """Where it comes from, in words.

        Example:
            >>> MicroArena(29_184, 25_600, 3_584, measured=False).how
            'estimated from the file, since tflite-micro is not installed'
        """
        if self.measured:
            return "measured by TensorFlow Lite Micro"
        return "estimated from the file, since tflite-micro is not installed"


def estimated_arena(graph: TfliteGraph) -> MicroArena:
    """Return about what a file asks for, 0 to 4 % above what is measured.

    Args:
        graph: as the device has it: in one piece, with states as variables.
    """
    maps, kept, outlets = count_micro_maps(graph), count_micro_structures(graph), _outlets(graph)
    planning = kept - outlets + planning_bytes(graph)  # inputs and outputs are set up after the plan
    whole = max(maps + kept, planning)
    return MicroArena(-(-whole // ALIGNMENT) * ALIGNMENT, maps, kept, measured=False)


def count_micro_structures(graph: TfliteGraph) -> int:
    """Return the bytes that an interpreter of 64 bits keeps for a file and those of its subgraphs that it calls."""
    tensors = sum(len(part.tensors) for part in graph.called)
    kernels = sum(_kept_by(op, part) for part in graph.called for op in part.ops)
    return _OF_ALL + _OF_A_TENSOR * tensors + kernels + _outlets(graph)


def planning_bytes(graph: TfliteGraph) -> int:
    """Return the bytes that are needed while maps are planned, and given back afterwards."""
    scratch = sum(len(scratch_buffers(op, graph)) for op in graph.ops)
    tensors = sum(len(part.tensors) for part in graph.called)
    buffers = len(planned_buffers(graph))
    return _PLAN + _PLAN_OF_A_TENSOR * (tensors + scratch) + _PLAN_OF_A_BUFFER * (buffers + scratch)


def _outlets(graph: TfliteGraph) -> int:
    tensors = [graph.tensors[index] for index in (*graph.inputs, *graph.outputs)]
    return sum(_OF_AN_OUTLET + _OF_ITS_SCALE * bool(tensor.scales) for tensor in tensors)


def _kept_by(op: TfliteOp, graph: TfliteGraph) -> int:
    small = _OF_A_SMALL_KERNEL if op.opcode in _SMALL else _OF_ANOTHER_KERNEL
    kept = _OF_AN_OPERATOR + _OF_KERNELS.get(op.opcode, small)
    if _has_multipliers(op, graph):
        kept += MULTIPLIER * graph.written(op).shape[-1]
    if op.opcode == "READ_VARIABLE":
        kept += graph.written(op).size_bytes
    if op.opcode == "SOFTMAX" and graph.tensors[op.inputs[0]].dtype == "int16":
        kept += _INT16_SOFTMAX
    return kept


def _has_multipliers(op: TfliteOp, graph: TfliteGraph) -> bool:
    """Return whether every channel has a multiplier: of a dense layer where each row of weights has a scale."""
    if op.opcode == "FULLY_CONNECTED":
        return len(graph.tensors[op.inputs[1]].scales) > 1
    return op.opcode in _WITH_MULTIPLIERS
