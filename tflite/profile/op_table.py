"""Time per operator as a table: each row joined with what its operator computes and moves, however it was timed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tfkws.errors import CostError
from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.profiling.explain.roofline import Roofline, roofline_bound
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.agreement import Whole, agreement_of
from tfkws.tflite.profile.kernel_events import KernelRow
from tfkws.tflite.profile.kernel_map import KernelMap
from tfkws.tflite.targets.machine import Machine, read_machine
from tfkws.units import format_us

if TYPE_CHECKING:
    from tfkws.cost.report import CostRow

FOLDED = "folded"
UNKNOWN = "unknown"
HERE = "local"
MOST_NAMED = 3  # operators that one warning names
Timed = tuple[tuple[str, ...], float, str]  # kernels, microseconds and method of one operator


@dataclass(frozen=True)
class OpProfileRow:
    """One TFLite operator.

    Attributes:
        name: the Keras layer that it came from.
        kernels: what ran for it; empty where it was folded into another operator.
        time_us: for one inference; 0 where it was folded, and where it is not known.
        method: how it was timed: "profiler", "submodel" (below 10 µs the profiler is too coarse), "folded", or
            "unknown" for an operator that no kernel was found for and that cannot be a part of another.
        share: of the sum over all operators, 0..1.
        macs, params: None where the operator has no counting rule.
        weight_bytes: constants that it reads, part of `bytes_moved`.
        bytes_moved: inputs, constants and outputs, each once.
        gmacs_per_s: achieved rate; None without MACs or time.
        intensity: multiply-accumulates per byte moved.
        roofline_share: of what the machine's limits allow, and `limit`, which of them counts; None without a
            roofline or for arithmetic that has no measured peak.
    """

    index: int
    opcode: str
    name: str
    layer_class: str
    kernels: tuple[str, ...]
    time_us: float
    method: str
    share: float
    macs: int | None
    params: int | None
    weight_bytes: int
    bytes_moved: int
    gmacs_per_s: float | None
    intensity: float | None
    roofline_share: float | None
    limit: str | None


@dataclass(frozen=True)
class OpProfile:
    """Time per operator of one model.

    Attributes:
        number_type: what the file computes in, as `tfkws.tflite.file.contents` says it.
        whole_us: median of unprofiled runs in the same process.
        sum_us: of the rows.
        difference: of the sum, with the call where it was measured, from the whole, as a fraction of the whole.
        agrees: whether both are within 5 %; None below 0.2 ms, where fixed costs weigh too much to tell.
        explanation: what the difference is made of, where there is one.
        roofline: the limits that `roofline_share` is held against; None where there are none.
        warnings: kernels that could not be mapped, operators without a kernel.
        raw_text: the profiler's own table, verbatim; empty for sub-models.
        call_us: what the call of a model costs besides its operators; None where it was not measured.
        input_shapes: by input, where the file leaves axes open or another shape was asked for.
        keeps_state: whether the file keeps state from run to run, as a stream; runs go on from one another.
        target: where it ran, as `tfkws.tflite.targets` calls it.
    """

    model: str
    model_sha256: str
    number_type: str
    method: str
    kernels: str
    threads: int
    runtime: str
    runtime_version: str
    runs: int
    whole_us: float
    sum_us: float
    difference: float
    agrees: bool | None
    explanation: str
    warnings: tuple[str, ...]
    machine: Machine
    roofline: Roofline | None
    rows: tuple[OpProfileRow, ...]
    raw_text: str
    call_us: float | None = None
    input_shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    keeps_state: bool = False
    target: str = HERE

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without the raw text; `target` is there where it is not this machine."""
        values = asdict(self)
        del values["raw_text"]
        if self.target == HERE:
            del values["target"]
        return values


@dataclass(frozen=True)
class Conditions:
    """How operators were timed; see `OpProfile`."""

    method: str
    kernels: str
    threads: int
    runtime: str
    runtime_version: str
    runs: int


def assemble(
    name: str,
    file: TfliteFile,
    timed: Sequence[Timed],
    mapped: KernelMap | None,
    conditions: Conditions,
    whole: Whole,
    roofline: Roofline | None = None,
    raw_text: str = "",
    machine: Machine | None = None,
) -> OpProfile:
    """Join times with costs and limits, and compare the sum with the whole; all times in µs.

    Args:
        timed: of each operator.
        mapped: which kernels ran for which operator; None where operators were timed one by one.
        whole: time of an inference without a profiler.
        machine: where it ran; None for this one.
    """
    graph = file.graph
    number_type = file.contents.scheme
    rows = _with_bounds(_join(graph, timed, operator_costs(graph)), roofline, arithmetic_of(number_type))
    sum_us = sum(row.time_us for row in rows)
    alone = sum(row.method == "submodel" for row in rows)
    return OpProfile(
        model=name,
        model_sha256=file.sha256,
        number_type=number_type,
        **asdict(conditions),
        whole_us=whole.median_us,
        sum_us=sum_us,
        **asdict(agreement_of(whole, sum_us, alone)),
        warnings=_warnings(graph.ops, mapped),
        machine=machine or read_machine(),
        roofline=roofline,
        rows=rows,
        raw_text=raw_text,
        call_us=whole.call_us,
    )


def _join(graph: TfliteGraph, timed: Sequence[Timed], costs: "Sequence[CostRow] | None") -> tuple[OpProfileRow, ...]:
    total = sum(time_us for _, time_us, _ in timed) or 1.0
    return tuple(_row(graph, op, timed[op.index], costs[op.index] if costs else None, total) for op in graph.ops)


def _row(graph: TfliteGraph, op: TfliteOp, timed: Timed, cost: "CostRow | None", total: float) -> OpProfileRow:
    kernels, time_us, method = timed
    return OpProfileRow(
        index=op.index,
        opcode=op.opcode,
        name=cost.name if cost else graph.layer_name(op),
        layer_class=cost.layer_class if cost else op.opcode,
        kernels=kernels,
        time_us=time_us,
        method=method,
        share=time_us / total,
        macs=cost.macs if cost else None,
        params=cost.params if cost else None,
        weight_bytes=graph.constant_bytes(op),
        bytes_moved=graph.bytes_moved(op),
        gmacs_per_s=cost.macs / time_us / 1e3 if cost and cost.macs and time_us else None,
        intensity=None,
        roofline_share=None,
        limit=None,
    )


def _with_bounds(
    rows: tuple[OpProfileRow, ...], roofline: Roofline | None, peak: str | None
) -> tuple[OpProfileRow, ...]:
    """Compare the rows with the machine's limits, where they are known."""
    total = sum(row.weight_bytes for row in rows)
    return tuple(_with_bound(row, roofline, peak, total) for row in rows)


def _with_bound(row: OpProfileRow, roofline: Roofline | None, peak: str | None, total: int) -> OpProfileRow:
    if row.macs is None or row.method in (FOLDED, UNKNOWN):
        return row
    intensity = row.macs / row.bytes_moved if row.bytes_moved else 0.0
    if roofline is None or peak is None:
        return replace(row, intensity=intensity)
    found = roofline_bound(roofline, peak, row.macs, row.weight_bytes, row.bytes_moved, total, row.time_us)
    return replace(row, intensity=intensity, roofline_share=found.share, limit=found.limit)


def operator_costs(graph: TfliteGraph) -> "Sequence[CostRow] | None":
    """Return the cost of each operator in MACs and bytes.

    None where one of them has no counting rule, since the rows could not be assigned.
    """
    from tfkws.cost.tflite import count_graph

    try:
        return count_graph(graph).rows
    except CostError:
        return None


def _warnings(ops: Sequence[TfliteOp], mapped: KernelMap | None) -> tuple[str, ...]:
    if mapped is None:
        return ()
    return (*_foreign_kernels(mapped.unexplained), *_bare_operators([ops[index] for index in mapped.missing]))


def _foreign_kernels(rows: Sequence[KernelRow]) -> Iterable[str]:
    """One sentence a name of kernels that belong to no operator."""
    for name, number in Counter(row.kernel for row in rows).items():
        time = format_us(sum(row.time_us for row in rows if row.kernel == name))
        if number == 1:
            yield f"kernel {name!r} ({time}) belongs to no operator"
        else:
            yield f"{number} kernels {name!r} ({time} together) belong to no operator"


def _bare_operators(ops: Sequence[TfliteOp]) -> Iterable[str]:
    """One sentence a kind of operators that no kernel was found for."""
    for opcode in dict.fromkeys(op.opcode for op in ops):
        indices = [op.index for op in ops if op.opcode == opcode]
        if len(indices) == 1:
            yield f"operator {indices[0]} ({opcode}) has no kernel of its own"
        else:
            named = ", ".join(map(str, indices[:MOST_NAMED]))
            more = f" and {len(indices) - MOST_NAMED} more" if len(indices) > MOST_NAMED else ""
            yield f"operators {named}{more} ({opcode}) have no kernel of their own"
