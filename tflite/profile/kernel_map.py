"""Which TFLite operator does an XNNPACK kernel belong to? Both run in the same order, so the two lists are aligned."""

from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.graphs.tflite import TfliteGraph, TfliteOp
from tfkws.tflite.profile.kernel_events import KernelRow

# Part of a kernel's name, and the operators that it can stand for. The first that fits counts.
KERNELS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (name, frozenset(opcodes.split()))
    for name, opcodes in (
        ("Deconvolution", "TRANSPOSE_CONV"),
        ("Convolution", "CONV_2D DEPTHWISE_CONV_2D"),
        ("DWConv", "DEPTHWISE_CONV_2D CONV_2D"),
        ("Fully Connected", "FULLY_CONNECTED CONV_2D BATCH_MATMUL"),
        ("Batch Matrix Multiply", "BATCH_MATMUL FULLY_CONNECTED"),
        ("Average Pooling", "AVERAGE_POOL_2D MEAN"),
        ("Mean", "MEAN AVERAGE_POOL_2D"),
        ("Sum", "SUM MEAN"),
        ("Max Pooling", "MAX_POOL_2D"),
        ("ArgMax Pooling", "MAX_POOL_2D"),
        ("Softmax", "SOFTMAX"),
        ("Sigmoid", "LOGISTIC"),
        ("HardSwish", "HARD_SWISH"),
        ("Tanh", "TANH"),
        ("Clamp", "RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 MINIMUM MAXIMUM"),
        ("ReLU", "RELU RELU6 LEAKY_RELU PRELU"),
        ("Add", "ADD"),
        ("Subtract", "SUB"),
        ("Multiply", "MUL"),
        ("Divide", "DIV"),
        ("Square Root", "SQRT"),
        ("Reciprocal Square Root", "RSQRT"),
        ("Squared Difference", "SQUARED_DIFFERENCE"),
        ("Square", "SQUARE"),
        ("Maximum", "MAXIMUM RELU"),
        ("Minimum", "MINIMUM"),
        ("Negate", "NEG"),
        ("Abs", "ABS"),
        ("Exp", "EXP"),
        ("Log", "LOG"),
        ("Concat", "CONCATENATION"),
        ("Constant Pad", "PAD PADV2"),
        ("Slice", "SLICE STRIDED_SLICE SPLIT"),
        ("Transpose", "TRANSPOSE"),
        ("Reshape", "RESHAPE SQUEEZE EXPAND_DIMS FLATTEN"),
        ("Invalid Unary Op", "LOGISTIC TANH HARD_SWISH EXP LOG SQRT RSQRT"),  # a table lookup, on int8
        ("Convert", "QUANTIZE DEQUANTIZE CAST"),
        ("Copy", "RESHAPE SQUEEZE EXPAND_DIMS CONCATENATION SPLIT"),
    )
)
# Kernels that a runtime may put in on its own account; their time goes to the operator they serve, the next one.
HELPERS = ("Reshape", "Copy", "Convert", "Transpose", "Constant Pad")
FUSED_ACTIVATION = "Clamp"  # runs after the operator that it was fused into
# Operators that a runtime may fold into others.
FOLDABLE = frozenset(
    (
        "RESHAPE",
        "SQUEEZE",
        "EXPAND_DIMS",
        "PAD",
        "PADV2",
        "DEQUANTIZE",
        "QUANTIZE",
        "RELU",
        "RELU6",
        "TRANSPOSE",
        "STRIDED_SLICE",
        "SPLIT",
        "MUL",
        "ADD",
    )  # fmt: skip
)
_CHEAP, _DEAR = 1.0, 100.0


@dataclass(frozen=True)
class KernelMap:
    """Result of the alignment.

    Attributes:
        kernels: for each operator the kernels that ran for it; none for one that was folded into another.
        unexplained: kernels that belong to no operator.
        missing: operators that should have a kernel and have none.
    """

    kernels: tuple[tuple[KernelRow, ...], ...]
    unexplained: tuple[KernelRow, ...]
    missing: tuple[int, ...]


def map_kernels(rows: Sequence[KernelRow], graph: TfliteGraph) -> KernelMap:
    """Align kernels with operators at the lowest cost: skipping a helper or a foldable operator is cheap."""
    order = execution_order(graph, frozenset(row.node for row in rows if row.node is not None))
    ops = [graph.ops[index] for index in order]
    kernels: list[list[KernelRow]] = [[] for _ in graph.ops]
    unexplained = []
    for row, owner in zip(rows, _owners(_align(rows, ops), rows), strict=True):
        if owner is None:
            unexplained.append(row)
        else:
            kernels[order[owner]].append(row)
    missing = [op.index for op in graph.ops if not kernels[op.index] and op.opcode not in FOLDABLE]
    return KernelMap(tuple(map(tuple, kernels)), tuple(unexplained), tuple(missing))


def execution_order(graph: TfliteGraph, outside: frozenset[int]) -> list[int]:
    """Order in which operators run when those `outside` are left to the interpreter and a delegate takes the others.

    TFLite cuts the graph into parts as large as the dependencies allow, which moves operators past each other: each
    part takes every operator of its kind whose inputs are ready (`PartitionGraphIntoIndependentNodeSubsets`).
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
    """Whether a kernel can stand for an operator."""
    if row.node is not None:
        return row.node == op.index
    return op.opcode in next((opcodes for name, opcodes in KERNELS if name in row.kernel), frozenset())


def _is_helper(row: KernelRow) -> bool:
    return row.node is None and any(name in row.kernel for name in (*HELPERS, FUSED_ACTIVATION))


def _align(rows: Sequence[KernelRow], ops: Sequence[TfliteOp]) -> list[int | None]:
    """Operator of each kernel, or None: the cheapest alignment, as in the edit distance of two texts."""
    skip_row = [_CHEAP if _is_helper(row) else _DEAR for row in rows]
    skip_op = [_CHEAP if op.opcode in FOLDABLE else _DEAR for op in ops]
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
