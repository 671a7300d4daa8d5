"""How many ARM instructions an inference takes, as a whole and by operator: a cost without noise, and never a time.

Counted on an emulated core (`tfkws.tflite.targets.emulated.qemu`). A core may execute two or more instructions in a
cycle, or wait many cycles for one that loads, so counts of different mixes do not rank times; the mix is told for
that reason.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.config import CountSettings
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.benchmark.instruction_marks import NONE, InstructionMix, counts_of, median_mix, parse_marks
from tfkws.tflite.benchmark.output_comparison import SECONDS, OutputComparison, compare_outputs
from tfkws.tflite.bundle.archive import read_model
from tfkws.tflite.file.submodels import NULL_MODEL, submodels
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.op_table import operator_costs
from tfkws.tflite.targets.device_archive import NAME, push_archive
from tfkws.tflite.targets.questions import answer_of, run_checked
from tfkws.tflite.targets.session import COUNTING_PYTHON, EMULATOR, Session


@dataclass(frozen=True)
class OperatorInstructions:
    """One TFLite operator, run by itself.

    Attributes:
        name: the Keras layer that it came from.
        mix: less what a model of one ABS on one number takes.
        share: of the sum over all operators, 0..1.
        macs: None where the operator has no counting rule.
    """

    index: int
    opcode: str
    name: str
    layer_class: str
    mix: InstructionMix
    share: float
    macs: int | None
    instructions_per_mac: float | None


@dataclass(frozen=True)
class InstructionCount:
    """Instructions of one model on one emulated core.

    Attributes:
        target: such as "qemu-aarch64:cortex-a53".
        mix: of one inference, the median over `repeats`; with the call of the runtime, without Python's
            marks.
        repeats: all instructions (int) of each counted inference.
        spread: largest difference between repeats over their median.
        call_instructions: what the call of a model of one ABS on one number takes; part of `mix`.
        macs: MACs of one inference; None where an operator has no counting rule.
        outputs: None where they were not compared.
        operators: empty where they were not asked for.
        difference: sum over operators against the whole without the call, as a fraction; None without
            operators.
    """

    model: str
    model_sha256: str
    target: str
    emulator: str
    runtime_version: str
    kernels: str
    mix: InstructionMix
    repeats: tuple[int, ...]
    spread: float
    call_instructions: int
    macs: int | None
    instructions_per_mac: float | None
    outputs: OutputComparison | None
    operators: tuple[OperatorInstructions, ...]
    difference: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; `unit` says what they are."""
        return {"unit": "instructions", **asdict(self)}


def count_instructions(model: Path, session: Session, settings: CountSettings | None = None) -> InstructionCount:
    """Count the instructions of an inference of a .tflite file or a bundle.

    Args:
        model: the file.
        session: of an emulated core, or a replay of one.
        settings: kernels, repeats, and whether operators are counted too; None for the defaults.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the runtime refuses the model or an operator there.
        TargetError: the emulator failed.
    """
    settings = settings or CountSettings()
    file = read_model(model)
    push_archive(session)
    counts = _count(session, file, settings)
    costs = operator_costs(file.graph)
    compared = settings.compared_outputs
    return _result(
        model.name,
        file,
        session,
        settings,
        counts,
        _rows(file.graph, counts.of_operators(), costs) if settings.operators else (),
        sum(row.macs or 0 for row in costs) if costs else None,
        compare_outputs(session, file, settings.kernels, compared) if compared else None,
    )


@dataclass(frozen=True)
class _Counts:
    """What the emulated core counted.

    Attributes:
        whole: of each repeat of the whole model.
        call: of a model of one ABS on one number.
        alone: by operator, of a model of it alone, the call included.
    """

    whole: list[InstructionMix]
    call: InstructionMix
    alone: dict[int, InstructionMix]
    runtime_version: str

    def of_operators(self) -> dict[int, InstructionMix]:
        """Return what each operator takes without the call."""
        return {index: mix - self.call for index, mix in self.alone.items()}


def _count(session: Session, file: TfliteFile, settings: CountSettings) -> _Counts:
    """Count the whole, the call and, if asked for, each operator by itself, in one process."""
    operators = [op.index for op in file.graph.computing_ops()] if settings.operators else []
    names = _push_models(session, file, operators)
    request = {"models": names, "runtime": "litert", "kernels": settings.kernels, "repeats": settings.repeats}
    done = run_checked(session, (COUNTING_PYTHON, NAME, "count"), json.dumps(request), SECONDS)
    version = str(answer_of(done, session.target)["runtime_version"])
    whole, call, *alone = counts_of(parse_marks(done.stderr), len(names), settings.repeats)
    return _Counts(whole, median_mix(call), dict(zip(operators, map(median_mix, alone), strict=True)), version)


def _result(
    name: str,
    file: TfliteFile,
    session: Session,
    settings: CountSettings,
    counts: _Counts,
    rows: tuple[OperatorInstructions, ...],
    macs: int | None,
    outputs: OutputComparison | None,
) -> InstructionCount:
    mix = median_mix(counts.whole)
    repeats = tuple(each.all for each in counts.whole)
    return InstructionCount(
        model=name,
        model_sha256=file.sha256,
        target=session.target,
        emulator=_emulator(session),
        runtime_version=counts.runtime_version,
        kernels=settings.kernels,
        mix=mix,
        repeats=repeats,
        spread=(max(repeats) - min(repeats)) / mix.all,
        call_instructions=counts.call.all,
        macs=macs,
        instructions_per_mac=mix.all / macs if macs else None,
        outputs=outputs,
        operators=rows,
        difference=sum(row.mix.all for row in rows) / (mix.all - counts.call.all) - 1 if rows else None,
    )


def _push_models(session: Session, file: TfliteFile, operators: Sequence[int]) -> list[str]:
    """Push the whole, the null model, and one model for each operator; return their names."""
    parts: Iterator[bytes] = submodels(file, operators) if operators else iter(())
    named = {"whole.tflite": file.content, "null.tflite": NULL_MODEL}
    for name, part in named.items():
        session.push(name, part)
    for index, part in zip(operators, parts, strict=True):
        session.push(f"operator{index}.tflite", part)
    return [*named, *(f"operator{index}.tflite" for index in operators)]


def _emulator(session: Session) -> str:
    """Name and version, such as "QEMU 7.2.22"."""
    return "QEMU " + run_checked(session, (EMULATOR, "--version")).stdout.partition("version ")[2].split()[0]


def _rows(graph: TfliteGraph, mixes: dict[int, InstructionMix], costs: Any) -> tuple[OperatorInstructions, ...]:
    total = sum(mix.all for mix in mixes.values()) or 1
    rows = []
    for op in graph.ops:
        mix, cost = mixes.get(op.index, NONE), costs[op.index] if costs else None
        rows.append(
            OperatorInstructions(
                index=op.index,
                opcode=op.opcode,
                name=cost.name if cost else graph.layer_name(op),
                layer_class=cost.layer_class if cost else op.opcode,
                mix=mix,
                share=mix.all / total,
                macs=cost.macs if cost else None,
                instructions_per_mac=mix.all / cost.macs if cost and cost.macs else None,
            )
        )
    return tuple(rows)
