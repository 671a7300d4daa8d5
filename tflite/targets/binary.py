"""TFLite's `benchmark_model` on a target: pushed with the model, run there, its text returned as it is."""

from collections.abc import Sequence
from pathlib import Path

from tfkws.errors import BenchmarkError, TargetError
from tfkws.tflite.targets.questions import read_facts, run
from tfkws.tflite.targets.session import RUN_SECONDS, RawRun, Session
from tfkws.units import format_bytes

BINARY, MODEL = "benchmark_model", "model.tflite"
MARGIN_BYTES = 1 << 20
# e_machine of an ELF file to the names that `uname -m` has for processors that run it.
MACHINES = {
    3: ("i386", "i486", "i586", "i686", "x86_64"),
    40: ("armv6l", "armv7l", "armv8l", "armv7", "aarch64"),
    62: ("x86_64",),
    183: ("aarch64", "arm64"),
    243: ("riscv64", "riscv32"),
}


def run_binary(
    session: Session, binary: Path, model: Path, options: Sequence[str], seconds: float = RUN_SECONDS
) -> RawRun:
    """Push a `benchmark_model` and a model, and run it there; nothing but a shell need be there.

    Args:
        options: without --graph, which is added.

    Returns:
        What it printed, verbatim.

    Raises:
        TargetError: the binary is for another processor, there is no room, or the connection is lost.
        BenchmarkError: it failed, or `binary` is no program.
    """
    program, content = binary.read_bytes(), model.read_bytes()
    facts = read_facts(session)
    refuse_foreign(program, facts.architecture, str(binary), session.target)
    needed = len(program) + len(content) + MARGIN_BYTES
    if facts.free_bytes < needed:
        raise TargetError(
            f"{session.target} has {format_bytes(facts.free_bytes)} free where temporary files go, and "
            f"{format_bytes(needed)} are needed; free some space there."
        )
    session.push(BINARY, program, executable=True)
    session.push(MODEL, content)
    return run(session, (f"./{BINARY}", f"--graph={MODEL}", *options), seconds=seconds)


def refuse_foreign(program: bytes, architecture: str, name: str, target: str) -> None:
    """Check that a program is one for a processor.

    Raises:
        BenchmarkError: it is no ELF program.
        TargetError: it is for another processor.
    """
    if program[:4] != b"\x7fELF":
        raise BenchmarkError(f"{name} is no program for Linux or Android; give TFLite's benchmark_model.")
    little = program[5] == 1
    machine = int.from_bytes(program[18:20], "little" if little else "big")
    runs_on = MACHINES.get(machine, ())
    if architecture not in runs_on:
        built_for = runs_on[-1] if runs_on else f"machine {machine}"
        raise TargetError(f"{name} is built for {built_for}, and {target} is {architecture}; give one for it.")
