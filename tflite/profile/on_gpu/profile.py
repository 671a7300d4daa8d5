"""Operators of a .tflite file on a GPU: what is timed, joined with what each operator computes and moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tfkws.config import OperatorSettings
from tfkws.errors import ProfileParseError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.profiling.measure.gpu_operators import (
    FOLDED,
    PREFIXES,
    SUBMODELS,
    UNKNOWN,
    GpuOperator,
    GpuProfile,
    GpuRow,
)
from tfkws.tflite.bundle.archive import read_runnable
from tfkws.tflite.gpu.known_faults import known_fault
from tfkws.tflite.gpu.known_shapes import folded_operators, with_known_shapes
from tfkws.tflite.profile.agreement import AGREEMENT
from tfkws.tflite.profile.on_gpu.events import kernels_of, operator_events
from tfkws.tflite.profile.on_gpu.measure import EMPTY, MOST_PREFIXES, WHOLE, Alone, Rounds, time_alone, time_prefixes
from tfkws.tflite.profile.on_gpu.timing import Plan, Timer, time_on_gpu
from tfkws.tflite.profile.op_table import operator_costs
from tfkws.tflite.runtime.input_shapes import FixedFile, fixed_file
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.targets.machine import read_machine

SECONDS = 60.0  # for the rounds of prefixes, and again for operators by themselves
HALF = "litert-gpu-half"
AskEvents = Callable[[bytes], tuple[list[dict[str, Any]], str]]


def profile_on_gpu(
    model: Path,
    settings: OperatorSettings,
    shapes: Sequence[str] = (),
    timer: Timer = time_on_gpu,
    ask_events: AskEvents = operator_events,
) -> GpuProfile:
    """Profile a .tflite file or a bundle by prefixes of it, and by each operator as a file of its own.

    Args:
        settings: runtime, threads, runs and method count; by the method "submodels" no prefixes are timed.
        shapes: of its inputs, as `tfkws.tflite.runtime.input_shapes.fixed_file` takes them.
        timer: times files.
        ask_events: asks the accelerator for times of its own.

    Raises:
        TfliteFileError: the file is damaged, or the accelerator refuses it.
        RuntimeUnavailableError: there is no accelerator, driver or adapter.
        BenchmarkError: the GPU crashed or hung, or a shape is missing or does not fit.
    """
    fixed = fixed_file(read_runnable(model), shapes)
    check_that_it_loads(str(model), fixed.file.content)
    known = with_known_shapes(fixed.file)
    precision = "half" if settings.runtime == HALF else "float32"
    plan = Plan(precision, settings.threads, settings.runs, SECONDS)
    method = SUBMODELS if settings.method == SUBMODELS else PREFIXES
    rounds = time_prefixes(known, plan, timer, MOST_PREFIXES if method == PREFIXES else 0)
    alone = time_alone(known, float(rounds.times.medians_us[WHOLE]), plan, timer)
    events, told = ask_events(known.content)
    measured = _Measured(fixed, known.graph, method, rounds, alone)
    try:
        kernels = kernels_of(events, measured.numbers) if events else ()
    except ProfileParseError as error:
        kernels, told = (), f"{told} {error}"
    found = measured.profile(model.name, settings)
    return replace(found, events=told, recorded_events=tuple(events), kernels=kernels)


class _Measured:
    """What was measured, with operators under their numbers in the file as it was given.

    Attributes:
        numbers: of the operators that the GPU is given, in order.
    """

    def __init__(self, fixed: FixedFile, known: TfliteGraph, method: str, rounds: Rounds, alone: Alone) -> None:
        self._fixed, self._graph, self._known = fixed, fixed.file.graph, known
        self._method, self._rounds, self._alone = method, rounds, alone
        folded = set(folded_operators(self._graph))
        self.numbers = [op.index for op in self._graph.ops if op.index not in folded]

    def profile(self, name: str, settings: OperatorSettings) -> GpuProfile:
        rows = _shared(self._rows())
        times, alone = self._rounds.times, [row.alone_us for row in rows if row.method != FOLDED]
        whole_us, empty_us = float(times.medians_us[WHOLE]), float(times.medians_us[EMPTY])
        complete = bool(self._rounds.ends) and self._rounds.ends[-1] == self._known.computing_ops()[-1].index
        last_us = float(times.medians_us[-1]) if complete else None
        sum_us = sum(row.time_us for row in rows)
        alone_sum = None if None in alone else sum(each for each in alone if each is not None)
        whole_again = sum_us + empty_us if last_us is None else last_us
        comparable = last_us is not None or (self._method == SUBMODELS and alone_sum is not None)
        difference = whole_again / whole_us - 1
        return GpuProfile(
            model=name,
            model_sha256=self._fixed.original.sha256,
            number_type=self._fixed.file.contents.scheme,
            method=self._method,
            runtime=settings.runtime,
            runtime_version=runtime_version("litert"),
            threads=settings.threads,
            runs=settings.runs,
            rounds=len(self._rounds.timed.rounds_us),
            accelerator=self._rounds.timed.facts,
            events="",
            recorded_events=(),
            whole_us=whole_us,
            whole_interval_us=times.interval(WHOLE),
            last_prefix_us=last_us,
            empty_call_us=empty_us,
            sum_us=sum_us,
            difference=difference,
            agrees=abs(difference) <= AGREEMENT if comparable else None,
            alone_sum_us=alone_sum,
            alone_difference=None if alone_sum is None else (alone_sum + empty_us) / whole_us - 1,
            warnings=tuple(self._warnings()),
            machine=asdict(read_machine()),
            rows=rows,
            input_shapes=dict(self._fixed.shapes),
        )

    def _rows(self) -> list[GpuRow]:
        """In the order of the file, without shares."""
        operators = self._operators()
        rows = self._by_prefixes(operators) if self._method == PREFIXES else self._by_themselves(operators)
        held = {operator.index for row in rows for operator in row.operators}
        running = {self.numbers[op.index] for op in self._known.computing_ops()}
        rest = [
            GpuRow((each,), 0.0, None, UNKNOWN if each.index in running else FOLDED, 0.0)
            for each in operators
            if each.index not in held
        ]
        return sorted([*rows, *rest], key=lambda row: row.operators[0].index)

    def _by_prefixes(self, operators: Sequence[GpuOperator]) -> list[GpuRow]:
        running = [op.index for op in self._known.computing_ops()]
        return [
            GpuRow(tuple(operators[self.numbers[op]] for op in held), span.time_us, span.interval_us, PREFIXES, 0.0)
            for span, held in self._rounds.spans(running)
        ]

    def _by_themselves(self, operators: Sequence[GpuOperator]) -> list[GpuRow]:
        return [
            GpuRow((operators[self.numbers[op]],), time_us, None, SUBMODELS, 0.0)
            for op, time_us in self._alone.times_us.items()
        ]

    def _operators(self) -> list[GpuOperator]:
        costs = operator_costs(self._graph)
        alone = {self.numbers[op]: time_us for op, time_us in self._alone.times_us.items()}
        refused: Mapping[str, str] = self._rounds.timed.facts.get("operators", {}).get("refused", {})
        return [
            GpuOperator(
                index=op.index,
                opcode=op.opcode,
                name=costs[op.index].name if costs else self._graph.layer_name(op),
                layer_class=costs[op.index].layer_class if costs else op.opcode,
                macs=costs[op.index].macs if costs else None,
                params=costs[op.index].params if costs else None,
                weight_bytes=self._graph.constant_bytes(op),
                bytes_moved=self._graph.bytes_moved(op),
                alone_us=alone.get(op.index),
                refused=refused.get(op.opcode, ""),
            )
            for op in self._graph.ops
        ]

    def _warnings(self) -> list[str]:
        """What is known to be computed wrongly; what could not be timed, and why, one sentence an operator."""
        opcodes = [op.opcode for op in self._graph.ops]
        cut = {self.numbers[op]: why for op, why in self._rounds.left_out.items()}
        alone = {self.numbers[op]: why for op, why in self._alone.refused.items()}
        fault = known_fault(self._graph)
        said = [fault] if fault else []
        said += [f"the prefix that ends at operator {i} ({opcodes[i]}) does not load ({why})" for i, why in cut.items()]
        said += [f"operator {i} ({opcodes[i]}) cannot be run by itself ({why})" for i, why in alone.items()]
        if self._alone.left:
            said.append(f"{len(self._alone.left)} operators were not timed by themselves, for want of time")
        return said


def _shared(rows: Sequence[GpuRow]) -> tuple[GpuRow, ...]:
    """With shares."""
    total = sum(row.time_us for row in rows) or 1.0
    return tuple(replace(row, share=row.time_us / total) for row in rows)
