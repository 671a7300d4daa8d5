"""How many ARM instructions an inference takes, as a whole and by operator: a cost without noise, and never a time.

Counted on an emulated core (`tfkws.tflite.targets.emulated.qemu`). A core may execute two or more instructions in a
cycle, or wait many cycles for one that loads, so counts of different mixes do not rank times; the mix is told for
that reason.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import BenchmarkError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.benchmark.instruction_marks import NONE, InstructionMix, counts_of, median_mix, parse_marks
from tfkws.tflite.bundle.archive import read_model
from tfkws.tflite.file.submodels import NULL_MODEL, submodels
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.op_table import operator_costs
from tfkws.tflite.targets.device_archive import NAME, push_archive
from tfkws.tflite.targets.open import open_target
from tfkws.tflite.targets.questions import answer_of, ask, run_checked
from tfkws.tflite.targets.session import COUNTING_PYTHON, EMULATOR, Session

DEFAULT_REPEATS = 3
SECONDS = 6 * 3600.0  # a network of 9 G multiply-accumulates takes an hour


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
class OutputComparison:
    """Outputs on the emulated core against those of this machine, on the same inputs.

    Attributes:
        identical: whether every bit is the same.
        largest_difference: in the unit of the outputs: of probabilities, or of integer steps of int8.
    """

    examples: int
    identical: bool
    largest_difference: float
    reference_architecture: str
    reference_runtime_version: str


@dataclass(frozen=True)
class InstructionCount:
    """Instructions of one model on one emulated core.

    Attributes:
        target: such as "qemu-aarch64:cortex-a53".
        mix: of one inference, the median over `repeats`; with the call of the runtime, without Python's marks.
        repeats: all instructions of each counted inference.
        spread: largest difference between repeats over their median.
        call_instructions: what the call of a model of one ABS on one number takes; part of `mix`.
        macs: multiply-accumulates; None where an operator has no counting rule.
        outputs: None where they were not compared.
        operators: empty where they were not asked for.
        difference: sum over operators against the whole without the call, as a fraction; None without operators.
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


def count_instructions(
    model: Path,
    session: Session,
    kernels: str = "xnnpack",
    operators: bool = False,
    repeats: int = DEFAULT_REPEATS,
    examples: int = 4,
) -> InstructionCount:
    """Count the instructions of an inference of a .tflite file or a bundle.

    Args:
        session: of an emulated core, or a replay of one.
        operators: whether to count each operator by itself, too.
        repeats: counted inferences.
        examples: inputs on which outputs are compared with this machine's; 0 for none.

    Raises:
        TfliteFileError: the file is damaged.
        BenchmarkError: the runtime refuses the model or an operator there.
        TargetError: the emulator failed.
    """
    if repeats < 1:
        raise BenchmarkError(f"repeats must be at least 1. Received {repeats}.")
    file = read_model(model)
    graph, content = file.graph, file.content
    push_archive(session)
    counted = [op.index for op in graph.computing_ops()] if operators else []
    files = _push_models(session, file, counted)
    counts, version = _count(session, files, kernels, repeats)
    whole, call, alone = counts[0], median_mix(counts[1]), [median_mix(count) for count in counts[2:]]
    costs = operator_costs(graph)
    rows = _rows(graph, dict(zip(counted, (mix - call for mix in alone), strict=True)), costs) if operators else ()
    macs = sum(row.macs for row in costs) if costs else None
    mix = median_mix(whole)
    return InstructionCount(
        model=model.name,
        model_sha256=hashlib.sha256(content).hexdigest(),
        target=session.target,
        emulator=_emulator(session),
        runtime_version=version,
        kernels=kernels,
        mix=mix,
        repeats=tuple(each.all for each in whole),
        spread=(max(each.all for each in whole) - min(each.all for each in whole)) / mix.all,
        call_instructions=call.all,
        macs=macs,
        instructions_per_mac=mix.all / macs if macs else None,
        outputs=_compare_outputs(session, content, graph, kernels, examples) if examples else None,
        operators=rows,
        difference=sum(row.mix.all for row in rows) / (mix.all - call.all) - 1 if rows else None,
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


def _count(
    session: Session, files: Sequence[str], kernels: str, repeats: int
) -> tuple[list[list[InstructionMix]], str]:
    """Counts of each file, and the runtime's version."""
    request = {"models": list(files), "runtime": "litert", "kernels": kernels, "repeats": repeats}
    done = run_checked(session, (COUNTING_PYTHON, NAME, "count"), json.dumps(request), SECONDS)
    version = answer_of(done, session.target)["runtime_version"]
    return counts_of(parse_marks(done.stderr), len(files), repeats), str(version)


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
                name=cost.name if cost else graph.tensors[op.outputs[0]].name,
                layer_class=cost.layer_class if cost else op.opcode,
                mix=mix,
                share=mix.all / total,
                macs=cost.macs if cost else None,
                instructions_per_mac=mix.all / cost.macs if cost and cost.macs else None,
            )
        )
    return tuple(rows)


def _compare_outputs(
    session: Session, content: bytes, graph: TfliteGraph, kernels: str, examples: int
) -> OutputComparison:
    """Answer noise by a fixed seed there and here."""
    shape = graph.tensors[graph.inputs[0]].shape[1:]
    noise = np.random.default_rng(1).normal(size=(examples, *shape)).astype(np.float32)
    there = _answers(session, content, noise, kernels)
    with open_target("local") as local:
        push_archive(local)
        here = _answers(local, content, noise, kernels)
        architecture = ask(local, "facts", {})["architecture"]
    first, second = _outputs(there), _outputs(here)
    return OutputComparison(
        examples=examples,
        identical=there["outputs"] == here["outputs"],
        largest_difference=float(np.abs(first.astype(float) - second.astype(float)).max()),
        reference_architecture=architecture,
        reference_runtime_version=here["runtime_version"],
    )


def _answers(session: Session, content: bytes, examples: np.ndarray, kernels: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "examples.npy"
        np.save(file, examples)
        session.push(file.name, file.read_bytes())
    session.push("whole.tflite", content)
    request = {"model": "whole.tflite", "examples": "examples.npy", "runtime": "litert", "kernels": kernels}
    return ask(session, "answer", {**request, "threads": 1}, SECONDS)


def _outputs(answer: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(answer["outputs"]), np.dtype(answer["dtype"])).reshape(answer["shape"])
