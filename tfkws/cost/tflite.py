"""Count a .tflite file: each operator by `tfkws.cost.tflite_rules`, each called subgraph by what is in it.

What an operator is says `tfkws.graphs.operator_kinds`: counted, zero with the reason, or unknown; what is unknown has
no MACs (None) and a note, and the rest is counted. What the file stores is counted: a convolution has its kernel and
one bias a filter, a normalisation that could not be folded the constants of MUL and ADD.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from pathlib import Path

from tfkws.cost.activation_memory import Step, arena_bytes, peak_bytes
from tfkws.cost.report import CostReport, CostRow, Counted
from tfkws.cost.tflite_loops import passes
from tfkws.cost.tflite_rules import RULES, operands_of
from tfkws.graphs.operator_kinds import NOT_COUNTABLE, operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.graphs.tflite_parser import parse_tflite


def count_tflite(source: Path | bytes) -> CostReport:
    """Count a .tflite file, or its bytes; see `tfkws.cost.count`."""
    return count_graph(parse_tflite(source), source.name if isinstance(source, Path) else "model.tflite")


def count_graph(graph: TfliteGraph, name: str = "model.tflite") -> CostReport:
    """Count a .tflite file that was parsed, for one example: of an open axis the length that the file states.

    The result has one row for each operator of the main subgraph; that of a loop holds what runs inside.

    Args:
        name: of the report.
    """
    rows, seen, counter = [], set[tuple[int, int]](), _Counter(graph)
    for op in graph.ops:
        constants = tuple(_params(op, graph, graph))
        fresh = {tensor.data_range: tensor.stored_bytes for tensor in constants if tensor.data_range not in seen}
        seen |= set(fresh)
        counted = counter.count(op, graph)
        rows.append(_row(op, graph, counted, constants, sum(fresh.values())))
    peak = peak_bytes(*_schedule(graph, graph))
    return CostReport(name, "tflite", graph.input.example_shape, tuple(rows), peak, tuple(_assumptions(graph)))


def count_arena(graph: TfliteGraph) -> int:
    """Return the bytes of the arenas for a file's activations, as `tfkws.cost.activation_memory` plans them.

    Each called subgraph has one of its own.
    """
    return sum(arena_bytes(*_schedule(called, None)) for called in graph.called)


def _row(
    op: TfliteOp, graph: TfliteGraph, counted: Counted, constants: tuple[TfliteTensor, ...], weight_bytes: int
) -> CostRow:
    return CostRow(
        name=graph.layer_name(op),
        layer_class=counted.layer_class,
        output_shape=graph.written(op).shape[1:],
        params=sum(prod(tensor.shape) for tensor in constants),
        macs=counted.macs,
        fpops_eq1=counted.fpops_eq1,
        weight_bytes=weight_bytes,
        zero_reason=counted.zero_reason,
        note=counted.note,
    )


class _Counter:
    """Counts operators; a subgraph that is called from several places is counted once."""

    def __init__(self, whole: TfliteGraph) -> None:
        self.whole = whole
        self.known: dict[int, Counted] = {0: _CIRCULAR}
        self.depth = 0

    def count(self, op: TfliteOp, graph: TfliteGraph) -> Counted:
        kind = operator_kind(op.opcode)
        if kind.layer_class is None:
            return Counted("Unknown", macs=None, note=_no_rule(op.opcode))
        if kind.zero_reason:
            return Counted(kind.layer_class, zero_reason=kind.zero_reason)
        if kind.layer_class == "ControlFlow":
            return self.call(op, graph)
        try:
            macs, fpops_eq1 = RULES[op.opcode](operands_of(op, graph))
        except (IndexError, ValueError, KeyError, ZeroDivisionError):
            return Counted(kind.layer_class, macs=None, note=f"{op.opcode} has shapes that its rule does not know")
        sparse = any(tensor.stored_bytes < tensor.size_bytes for tensor in graph.matrices(op))
        return Counted(kind.layer_class, macs, fpops_eq1, note=_SPARSE if sparse else "")

    def call(self, op: TfliteOp, graph: TfliteGraph) -> Counted:
        """Count what an operator runs of other subgraphs."""
        called = [self.subgraph(number) for number in op.subgraphs]
        if not called:
            return replace(_CIRCULAR, note=f"{op.opcode} names no subgraph")
        if op.opcode.endswith("WHILE"):
            return _loop(called[0], called[1], passes(op, graph, self.whole))
        dearest = max(called, key=lambda counted: counted.macs or 0)
        choice = f"the dearest of {len(called)} branches of {op.opcode} is counted" if len(called) > 1 else ""
        return replace(dearest, note=_joined(choice, dearest.note))

    def subgraph(self, number: int) -> Counted:
        """Sum up a subgraph; one that calls itself, or lies deeper than any real one, has no count."""
        if number not in self.known:
            self.known[number] = _CIRCULAR
            self.depth += 1
            if self.depth < _DEEPEST:
                graph = self.whole.subgraph(number)
                self.known[number] = _sum([self.count(op, graph) for op in graph.ops])
            self.depth -= 1
        return self.known[number]


_SPARSE = "weights are stored without their zeros; products with zeros are counted"
_CIRCULAR = Counted("ControlFlow", macs=None, note="subgraphs that call each other without end are not counted")
_DEEPEST = 50  # subgraphs within each other


def _no_rule(opcode: str) -> str:
    kind, _, name = opcode.partition(":")
    if kind == "CUSTOM":
        return f"{name or 'a custom operator without a name'} is not counted: {NOT_COUNTABLE[kind]}"
    return f"{opcode} is not counted: {NOT_COUNTABLE.get(opcode, 'no rule for it is known')}"


def _sum(counted: list[Counted]) -> Counted:
    """Sum up operators; the MACs are unknown only where none is known and one is not."""
    known = [one.macs for one in counted if one.macs is not None]
    macs = sum(known) if any(known) or len(known) == len(counted) else None
    note = _joined(*dict.fromkeys(one.note for one in counted))
    return Counted("ControlFlow", macs, sum(one.fpops_eq1 for one in counted), note=note)


def _loop(condition: Counted, body: Counted, times: int | None) -> Counted:
    """Count a loop: the condition is asked once more than the body runs."""
    note = f"a loop of {times} passes" if times is not None else "one pass of a loop is counted; times unknown"
    runs = 1 if times is None else times
    whole = _sum([condition, body])
    macs = None if whole.macs is None else (condition.macs or 0) * (runs + 1) + (body.macs or 0) * runs
    fpops_eq1 = condition.fpops_eq1 * (runs + 1) + body.fpops_eq1 * runs
    return replace(whole, macs=macs, fpops_eq1=fpops_eq1, note=_joined(note, whole.note))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _assumptions(graph: TfliteGraph) -> Iterator[str]:
    for tensor in (graph.tensors[i] for i in graph.inputs):
        for axis in tensor.open_axes:
            yield f"axis {axis} of input {tensor.name!r} is open; counted with a length of {tensor.shape[axis]}"
    if len(graph.signatures) > 1:
        yield f"signatures {', '.join(graph.signatures)}; the first subgraph is counted"


def _params(op: TfliteOp, graph: TfliteGraph, whole: TfliteGraph) -> Iterator[TfliteTensor]:
    """Constants of an operator that are parameters, those of what it calls too; axes, shapes and counters are none."""
    if operator_kind(op.opcode).layer_class == "ControlFlow":
        for called in _called(op, whole):
            for inner in called.ops:
                if not inner.subgraphs:
                    yield from _params(inner, called, whole)
    elif operator_kind(op.opcode).constants_are_params:
        stored = (graph.stored[i] for i in op.inputs if i in graph.stored)
        counters = ("int32", "int64") if operator_kind(op.opcode).layer_class == "Elementwise" else ()
        yield from (tensor for tensor in stored if tensor.dtype not in counters)


def _called(op: TfliteOp, whole: TfliteGraph) -> tuple[TfliteGraph, ...]:
    """Return the subgraphs that an operator calls, directly or through others, each once."""
    return replace(whole, ops=(op,)).called[1:]


def _schedule(graph: TfliteGraph, whole: TfliteGraph | None) -> tuple[list[Step[int]], dict[int, int], tuple[int, ...]]:
    """Activations that each operator reads and writes, the size of every tensor, and the results.

    Variables stay to the end. Where `whole` is given, what runs inside of an operator takes its own peak there.
    """
    stored, size_bytes = graph.stored, {tensor.index: tensor.size_bytes for tensor in graph.tensors}
    steps = []
    for op in graph.ops:
        inside = -2 - op.index  # no tensor has this number
        size_bytes[inside] = _peak_inside(op, whole) if whole else 0
        reads = tuple(i for i in op.inputs if i >= 0 and i not in stored)
        writes = tuple(i for i in op.outputs if i not in stored)
        steps.append(Step(reads, (*writes, inside) if size_bytes[inside] else writes))
    kept = [tensor.index for tensor in graph.tensors if tensor.is_variable]
    return steps, size_bytes, (*graph.outputs, *kept)


def _peak_inside(op: TfliteOp, whole: TfliteGraph) -> int:
    called = _called(op, whole) if op.subgraphs else ()
    return max((peak_bytes(*_schedule(graph, None)) for graph in called), default=0)
