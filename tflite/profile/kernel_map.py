"""Which XNNPACK kernel belongs to which TFLite operator; both run in one order, so the lists are aligned."""

from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.graphs.operator_kinds import OPERATOR_KINDS, operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.profile.kernel_events import KernelRow

# Parts of the names of XNNPACK's kernels, in the order in which a name is searched for them.
KERNEL_NAMES = (
    "Deconvolution", "Convolution", "DWConv", "Fully Connected", "Batch Matrix Multiply", "Average Pooling",
    "Mean", "Sum", "Max Pooling", "ArgMax Pooling", "Softmax", "Sigmoid", "HardSwish", "Tanh", "Clamp", "ReLU",
    "Add", "Subtract", "Multiply", "Divide", "Square Root", "Reciprocal Square Root", "Squared Difference",
    "Square", "Maximum", "Minimum", "Negate", "Abs", "Exp", "Log", "Concat", "Constant Pad", "Slice",
    "Transpose", "Reshape", "Invalid Unary Op", "Convert", "Copy",
)  # fmt: skip
# The operators that each can stand for.
KERNELS = {name: frozenset(kind.opcode for kind in OPERATOR_KINDS if name in kind.kernels) for name in KERNEL_NAMES}
# Kernels that a runtime may put in on its own account; their time goes to the operator they serve, the next one.
HELPERS = ("Reshape", "Copy", "Convert", "Transpose", "Constant Pad")
FUSED_ACTIVATION = "Clamp"  # runs after the operator that it was fused into
_CHEAP, _DEAR = 1.0, 100.0


@dataclass(frozen=True)
class KernelMap:
    """Result of the alignment.

    Attributes:
        kernels: for each operator the kernels that ran for it; none for one that was folded into another.
        unexplained: kernels that belong to no operator.
        missing: indices (int) of operators that should have a kernel and have none.
    """

    kernels: tuple[tuple[KernelRow, ...], ...]
    unexplained: tuple[KernelRow, ...]
    missing: tuple[int, ...]


def map_kernels(rows: Sequence[KernelRow], graph: TfliteGraph) -> KernelMap:
    """Align kernels with operators at the lowest cost.

    It is cheap to skip a kernel that only prepares data, or an operator that can be fused into another.
    """
    order = execution_order(graph, frozenset(row.node for row in rows if row.node is not None))
    ops = [graph.ops[index] for index in order]
    kernels: list[list[KernelRow]] = [[] for _ in graph.ops]
    unexplained = []
    for row, owner in zip(rows, _owners(_align(rows, ops), rows), strict=True):
        if owner is None:
            unexplained.append(row)
        else:
            kernels[order[owner]].append(row)
    missing = [op.index for op in graph.ops if not kernels[op.index] and not operator_kind(op.opcode).foldable]
    return KernelMap(tuple(map(tuple, kernels)), tuple(unexplained), tuple(missing))


def execution_order(graph: TfliteGraph, outside: frozenset[int]) -> list[int]:
    """Return the indices (int) of operators in the order in which they run.

    Those `outside` are left to the interpreter, and a delegate takes the others. TFLite cuts the graph into
    parts as large as the dependencies allow, which moves operators past each other: each part takes every
    operator of its kind whose inputs are ready (`PartitionGraphIntoIndependentNodeSubsets`).
    """
    produced = {index for op in graph.ops for index in op.outputs}
    order: list[int] = []
    waiting = list(graph.ops)
    while waiting:
        part: bool | None = None
        held = []
        for op in waiting:
            kind = op.index in outside
            if produced.isdisjoint(op.inputs) and part in (None, kind):
                part = kind
                order.append(op.index)
                produced -= set(op.outputs)
            else:
                held.append(op)
        if len(held) == len(waiting):
            return order + [op.index for op in held]  # a cycle: no order is better than another
        waiting = held
    return order


def fits(row: KernelRow, op: TfliteOp) -> bool:
    """Return whether a kernel can stand for an operator."""
    if row.node is not None:
        return row.node == op.index
    return op.opcode in next((opcodes for name, opcodes in KERNELS.items() if name in row.kernel), frozenset())


def _is_helper(row: KernelRow) -> bool:
    return row.node is None and any(name in row.kernel for name in (*HELPERS, FUSED_ACTIVATION))


def _align(rows: Sequence[KernelRow], ops: Sequence[TfliteOp]) -> list[int | None]:
    """Operator of each kernel, or None: the cheapest alignment, as in the edit distance of two texts."""
    skip_row = [_CHEAP if _is_helper(row) else _DEAR for row in rows]
    skip_op = [_CHEAP if operator_kind(op.opcode).foldable else _DEAR for op in ops]
    cost = [[0.0] * (len(ops) + 1) for _ in range(len(rows) + 1)]
    for i in range(len(rows), -1, -1):
        for j in range(len(ops), -1, -1):
            if i < len(rows) or j < len(ops):
                cost[i][j] = min(_choices(rows, ops, skip_row, skip_op, cost, i, j))
    owners: list[int | None] = []
    i = j = 0
    while i < len(rows):
        choices = _choices(rows, ops, skip_row, skip_op, cost, i, j)
        step = choices.index(min(choices))
        owners += [j] if step == 0 else [None] if step == 1 else []
        i, j = i + (step != 2), j + (step != 1)
    return owners


def _choices(
    rows: Sequence[KernelRow],
    ops: Sequence[TfliteOp],
    skip_row: list[float],
    skip_op: list[float],
    cost: list[list[float]],
    i: int,
    j: int,
) -> tuple[float, float, float]:
    """Cost of matching, of skipping the kernel, of skipping the operator."""
    inside_rows, inside_ops = i < len(rows), j < len(ops)
    matching = cost[i + 1][j + 1] if inside_rows and inside_ops and fits(rows[i], ops[j]) else float("inf")
    without_row = skip_row[i] + cost[i + 1][j] if inside_rows else float("inf")
    without_op = skip_op[j] + cost[i][j + 1] if inside_ops else float("inf")
    return matching, without_row, without_op


def _owners(aligned: list[int | None], rows: Sequence[KernelRow]) -> list[int | None]:
    """Give each helper to the operator of the next kernel that has one, and fused activations to the one before."""
    owners = list(aligned)
    for position, row in enumerate(rows):
        if owners[position] is None and row.node is None and FUSED_ACTIVATION in row.kernel and position:
            owners[position] = owners[position - 1]
    for position in reversed(range(len(rows) - 1)):
        if owners[position] is None and _is_helper(rows[position]):
            owners[position] = owners[position + 1]
    if rows and owners[-1] is None and _is_helper(rows[-1]):
        owners[-1] = next((owner for owner in reversed(owners) if owner is not None), None)
    return owners
