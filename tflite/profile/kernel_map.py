"""Which XNNPACK kernel belongs to which TFLite operator; both run in one order, so the lists are aligned."""

from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.profile.kernel_events import KernelRow
from tfkws.tflite.profile.xnnpack_kernels import FOLDABLE, is_fused_activation, is_helper, operators_of

IN_PIECES = frozenset({"SPLIT", "SPLIT_V", "UNPACK", "CONCATENATION", "PACK"})  # one kernel for each piece
_NOTHING, _PIECE, _CHEAP, _DEAR = 0.0, 0.5, 1.0, 100.0
_MATCH, _SKIP_KERNEL, _SKIP_OPERATOR, _ANOTHER_PIECE = range(4)


@dataclass(frozen=True)
class KernelMap:
    """Result of the alignment.

    Attributes:
        kernels: for each operator the kernels that ran for it; none for one that was folded into another.
        unexplained: kernels that belong to no operator.
        missing: indices (int) of operators that cannot be a part of another, and have no kernel.
    """

    kernels: tuple[tuple[KernelRow, ...], ...]
    unexplained: tuple[KernelRow, ...]
    missing: tuple[int, ...]


def map_kernels(rows: Sequence[KernelRow], graph: TfliteGraph) -> KernelMap:
    """Align kernels with operators at the lowest cost.

    It is cheap to skip a kernel that only prepares data, or an operator that can be fused into another. An
    operator that joins or cuts may have a kernel for each piece.
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
    bare = [op for op in graph.ops if not kernels[op.index] and op.opcode not in FOLDABLE]
    constants = {tensor.index for tensor in graph.tensors if tensor.is_constant}  # what reads them alone runs once
    missing = [
        op.index for op in bare if not {i for i in op.inputs if i >= 0} <= constants
    ]  # others run once, at first
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
    return op.opcode in operators_of(row.kernel)


def _align(rows: Sequence[KernelRow], ops: Sequence[TfliteOp]) -> list[int | None]:
    """Operator of each kernel, or None: the cheapest alignment, as in the edit distance of two texts."""
    costs = _Costs(rows, ops)
    cost = [[_NOTHING] * (len(ops) + 1) for _ in range(len(rows) + 1)]
    for i in range(len(rows), -1, -1):
        for j in range(len(ops), -1, -1):
            if i < len(rows) or j < len(ops):
                cost[i][j] = min(costs.of_steps(cost, i, j))
    owners: list[int | None] = []
    i = j = 0
    while i < len(rows):
        choices = costs.of_steps(cost, i, j)
        step = choices.index(min(choices))
        if step != _SKIP_OPERATOR:
            owners.append({_MATCH: j, _SKIP_KERNEL: None, _ANOTHER_PIECE: j - 1}[step])
            i += 1
        if step in (_MATCH, _SKIP_OPERATOR):
            j += 1
    return owners


class _Costs:
    """What each step of an alignment costs."""

    def __init__(self, rows: Sequence[KernelRow], ops: Sequence[TfliteOp]) -> None:
        self.fits = [[fits(row, op) for op in ops] for row in rows]
        self.in_pieces = [op.opcode in IN_PIECES for op in ops]
        self.skip_row = [_CHEAP if row.node is None and is_helper(row.kernel) else _DEAR for row in rows]
        self.skip_op = [_CHEAP if op.opcode in FOLDABLE else _DEAR for op in ops]

    def of_steps(self, cost: list[list[float]], i: int, j: int) -> tuple[float, float, float, float]:
        """Cost from kernel i and operator j on: of a match, of leaving out kernel or operator, of another piece."""
        matching = without_row = without_op = piece = float("inf")
        if j < len(self.skip_op):
            without_op = self.skip_op[j] + cost[i][j + 1]
        if i < len(self.skip_row):
            without_row = self.skip_row[i] + cost[i + 1][j]
            if j < len(self.skip_op) and self.fits[i][j]:
                matching = cost[i + 1][j + 1]
            if j and self.in_pieces[j - 1] and self.fits[i][j - 1]:
                piece = _PIECE + cost[i + 1][j]
        return matching, without_row, without_op, piece


def _owners(aligned: list[int | None], rows: Sequence[KernelRow]) -> list[int | None]:
    """Give each helper to the operator of the next kernel that has one, and fused activations to the one before."""
    owners = list(aligned)
    helping = [row.node is None and is_helper(row.kernel) for row in rows]
    for position, row in enumerate(rows):
        if owners[position] is None and row.node is None and is_fused_activation(row.kernel) and position:
            owners[position] = owners[position - 1]
    for position in reversed(range(len(rows) - 1)):
        if owners[position] is None and helping[position]:
            owners[position] = owners[position + 1]
    if rows and owners[-1] is None and helping[-1]:
        owners[-1] = next((owner for owner in reversed(owners) if owner is not None), None)
    return owners
