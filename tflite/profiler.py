"""Time per operator, joined with what each computes and moves. Never a latency: see `tfkws.tflite.benchmark`."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tfkws.cost.tflite_graph import TfliteGraph, TfliteOp, read_graph
from tfkws.errors import BenchmarkError, CostError
from tfkws.profiling.roofline import Roofline, peak_of, place
from tfkws.tflite.bundle import read_bundle
from tfkws.tflite.contents import describe
from tfkws.tflite.interpreter import runtime_version
from tfkws.tflite.kernel_map import KernelMap, map_kernels
from tfkws.tflite.machine import Machine, read_machine
from tfkws.tflite.one_operator import time_operators
from tfkws.tflite.op_events import kernel_rows
from tfkws.tflite.trial import try_in_child
from tfkws.units import format_us

if TYPE_CHECKING:
    from tfkws.cost.report import CostRow

Method = Literal["profiler", "submodels"]
METHODS = ("profiler", "submodels")
CHILD_SECONDS = 600
FINE_US = 2.0
AGREEMENT = 0.05
AGREEMENT_FROM_US = 200.0


@dataclass(frozen=True)
class OpProfileRow:
    """One TFLite operator.

    Attributes:
        name: the Keras layer that it came from.
        kernels: what ran for it; empty where it was folded into another operator.
        time_us: for one inference; 0 where it was folded.
        method: how it was timed: "profiler", "submodel" (below 2 µs the profiler cannot tell), "folded".
        share: of the sum over all operators, 0..1.
        macs, params: None where the operator has no counting rule.
        weight_bytes: constants that it reads, part of `bytes_moved`.
        bytes_moved: inputs, constants and outputs, each once.
        gmacs_per_s: achieved rate; None without MACs or time.
        intensity: multiply-accumulates per byte moved.
        roofline_share: of what the machine's limits allow, and `limit`, which of them counts; None without a roofline
            or for arithmetic that has no measured peak.
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
        number_type: what the file computes in, as `tfkws.tflite.contents` says it.
        whole_us: median of unprofiled runs in the same process.
        sum_us: of the rows.
        agrees: whether both are within 5 %; None below 0.2 ms, where fixed costs weigh too much to tell.
        explanation: what the difference is made of, where there is one.
        roofline: the limits that `roofline_share` is held against; None where there are none.
        warnings: kernels that could not be mapped, operators without a kernel.
        raw_text: the profiler's own table, verbatim; empty for sub-models.
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

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without the raw text."""
        values = asdict(self)
        del values["raw_text"]
        return values


def profile(
    model: Path,
    kernels: str = "xnnpack",
    threads: int = 1,
    runs: int = 200,
    method: Method = "profiler",
    roofline: Roofline | None = None,
) -> OpProfile:
    """Profile a .tflite file or a bundle.

    Args:
        kernels: "xnnpack" or "builtin".
        runs: profiled runs; as many unprofiled ones come before.
        method: "profiler" (LiteRT's own, sub-models where it reads below 2 µs) or "submodels" (one model an operator).
        roofline: of this machine with these kernels and threads; see `tfkws.tflite.roofline.roofline_for`.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the profiling process failed.
        ProfileParseError: the profiler's events make no sense.
    """
    if model.suffix not in (".tflite", ".kws") or method not in METHODS:
        raise BenchmarkError(
            f"A .tflite or .kws file is profiled, by {' or '.join(METHODS)}. Received {model}, {method}."
        )
    content = read_bundle(model).model if model.suffix == ".kws" else model.read_bytes() if model.is_file() else None
    graph = read_graph(content if content is not None else model)
    content = content or b""
    try_in_child(str(model), content)
    answer = _ask_child(content, kernels, threads, runs)
    mapped = map_kernels(kernel_rows(answer["events"]), graph) if method == "profiler" else None
    fine = [op.index for op in graph.ops if mapped is None or _is_fine(mapped, op.index)]
    timed = _timed(graph.ops, mapped, time_operators(content, fine, threads, kernels, runs))
    number_type = describe(content).scheme
    rows = _placed(_join(graph, timed, operator_costs(content)), roofline, peak_of(number_type))
    whole_us, sum_us = float(np.median(answer["whole_ns"])) / 1e3, sum(row.time_us for row in rows)
    difference = sum_us / whole_us - 1
    agrees = abs(difference) <= AGREEMENT if whole_us >= AGREEMENT_FROM_US else None
    return OpProfile(
        model=model.name,
        model_sha256=hashlib.sha256(content).hexdigest(),
        number_type=number_type,
        method=method,
        kernels=kernels,
        threads=threads,
        runtime="litert",
        runtime_version=runtime_version("litert"),
        runs=runs,
        whole_us=whole_us,
        sum_us=sum_us,
        difference=difference,
        agrees=agrees,
        explanation=_explain(
            whole_us, sum_us, agrees, answer["whole_ns"], sum(row.method == "submodel" for row in rows)
        ),
        warnings=_warnings(graph.ops, mapped),
        machine=read_machine(),
        roofline=roofline,
        rows=rows,
        raw_text=answer["summary"] if method == "profiler" else "",
    )


def _ask_child(content: bytes, kernels: str, threads: int, runs: int) -> dict[str, Any]:
    """Run LiteRT's profiler in a child process, because misusing a C interface ends the process."""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = Path(folder) / "model.tflite", Path(folder) / "answer.json"
        file.write_bytes(content)
        request = {"model": str(file), "answer": str(answer), "kernels": kernels, "threads": threads,
                   "warmup_runs": 20, "runs": runs}  # fmt: skip
        command = [sys.executable, "-m", "tfkws.tflite.profiler_child"]
        try:
            done = subprocess.run(
                command, input=json.dumps(request), capture_output=True, text=True, timeout=CHILD_SECONDS, check=False,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"Profiling took more than {CHILD_SECONDS} s; use fewer --runs.") from None
        if done.returncode != 0 or not answer.exists():
            lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            raise BenchmarkError(f"Profiling failed ({lines[-1]}); use --method submodels.")
        return dict(json.loads(answer.read_text()))


Timed = tuple[tuple[str, ...], float, str]


def _is_fine(mapped: KernelMap, index: int) -> bool:
    """Whether the profiler's whole microseconds are too coarse for an operator's kernels."""
    kernels = mapped.kernels[index]
    return bool(kernels) and sum(row.time_us for row in kernels) < FINE_US


def _timed(ops: Sequence[TfliteOp], mapped: KernelMap | None, alone: dict[int, float]) -> list[Timed]:
    """Kernels, time and method of each operator."""
    if mapped is None:
        return [((), alone[op.index], "submodel") for op in ops]
    timed: list[Timed] = []
    for op, kernels in zip(ops, mapped.kernels, strict=True):
        names = tuple(row.kernel for row in kernels)
        if op.index in alone:
            timed.append((names, min(alone[op.index], FINE_US), "submodel"))
        else:
            timed.append((names, sum(row.time_us for row in kernels), "profiler" if kernels else "folded"))
    return timed


def _join(graph: TfliteGraph, timed: list[Timed], costs: "Sequence[CostRow] | None") -> tuple[OpProfileRow, ...]:
    total = sum(time_us for _, time_us, _ in timed) or 1.0
    return tuple(_row(graph, op, timed[op.index], costs[op.index] if costs else None, total) for op in graph.ops)


def _row(graph: TfliteGraph, op: TfliteOp, timed: Timed, cost: "CostRow | None", total: float) -> OpProfileRow:
    kernels, time_us, method = timed
    tensors = {index for index in (*op.inputs, *op.outputs) if index >= 0}
    return OpProfileRow(
        index=op.index,
        opcode=op.opcode,
        name=cost.name if cost else graph.tensors[op.outputs[0]].name,
        layer_class=cost.layer_class if cost else op.opcode,
        kernels=kernels,
        time_us=time_us,
        method=method,
        share=time_us / total,
        macs=cost.macs if cost else None,
        params=cost.params if cost else None,
        weight_bytes=sum(graph.tensors[index].size_bytes for index in tensors if graph.tensors[index].is_constant),
        bytes_moved=sum(graph.tensors[index].size_bytes for index in tensors),
        gmacs_per_s=cost.macs / time_us / 1e3 if cost and cost.macs and time_us else None,
        intensity=None,
        roofline_share=None,
        limit=None,
    )


def _placed(rows: tuple[OpProfileRow, ...], roofline: Roofline | None, peak: str | None) -> tuple[OpProfileRow, ...]:
    """Hold the rows against the machine's limits, where they are known."""
    total = sum(row.weight_bytes for row in rows)
    return tuple(_placed_row(row, roofline, peak, total) for row in rows)


def _placed_row(row: OpProfileRow, roofline: Roofline | None, peak: str | None, total: int) -> OpProfileRow:
    if row.macs is None or row.method == "folded":
        return row
    intensity = row.macs / row.bytes_moved if row.bytes_moved else 0.0
    if roofline is None or peak is None:
        return replace(row, intensity=intensity)
    found = place(roofline, peak, row.macs, row.weight_bytes, row.bytes_moved, total, row.time_us)
    return replace(row, intensity=intensity, roofline_share=found.share, limit=found.limit)


def operator_costs(content: bytes) -> "Sequence[CostRow] | None":
    """Cost of each operator; None where one has no counting rule, because the rows could not be told apart."""
    from tfkws.cost import count

    try:
        return count(content).rows
    except CostError:
        return None


def _explain(whole_us: float, sum_us: float, agrees: bool | None, whole_ns: Sequence[int], alone: int) -> str:
    if agrees:
        return ""
    if agrees is None:
        return (
            f"The whole takes less than {format_us(AGREEMENT_FROM_US)}: the calls around the operators and the "
            "profiler's whole microseconds weigh too much to compare."
        )
    spread = (np.percentile(whole_ns, 75) - np.percentile(whole_ns, 25)) / np.median(whole_ns)
    noise = f"unprofiled runs scatter by {100 * spread:.0f} % between their quartiles"
    if sum_us > whole_us:
        cause = "a running profiler slows each operator, and one by one they find the caches otherwise"
    else:
        cause = f"{alone} operators were timed by themselves, with warm caches and without the steps between operators"
    return (
        f"The operators sum to {format_us(abs(sum_us - whole_us))} {'more' if sum_us > whole_us else 'less'} than the "
        f"unprofiled whole: {noise}, and {cause}. Repeat on an idle machine with more --runs."
    )


def _warnings(ops: Sequence[TfliteOp], mapped: KernelMap | None) -> tuple[str, ...]:
    if mapped is None:
        return ()
    found = [f"kernel {row.kernel!r} ({format_us(row.time_us)}) belongs to no operator" for row in mapped.unexplained]
    found += [f"operator {index} ({ops[index].opcode}) has no kernel of its own" for index in mapped.missing]
    return tuple(found)
