"""TFLite's own program `benchmark_model`: found, given its options, run here, or pushed to a target and run there."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfkws.errors import BenchmarkError, TargetError
from tfkws.tflite.targets.machine import Machine, read_machine
from tfkws.tflite.targets.questions import ask_facts, ask_machine, run_checked
from tfkws.tflite.targets.session import RUN_SECONDS, RawRun, Session
from tfkws.units import format_bytes

NAME = "benchmark_model"
MODEL = "model.tflite"
SECONDS = 600
MARGIN_BYTES = 1 << 20
KERNEL_SWITCHES = {"xnnpack": "true", "builtin": "false"}
# e_machine of an ELF file to the names that `uname -m` has for processors that run it.
MACHINES = {
    3: ("i386", "i486", "i586", "i686", "x86_64"),
    40: ("armv6l", "armv7l", "armv8l", "armv7", "aarch64"),
    62: ("x86_64",),
    183: ("aarch64", "arm64"),
    243: ("riscv64", "riscv32"),
}


@dataclass(frozen=True)
class BenchmarkModelTarget:
    """A target that runs a `benchmark_model`.

    Attributes:
        binary: the program, as a file on this machine.
        run: runs it on a .tflite file with options and returns all that it printed.
        read_machine: reads the state of the machine that it runs on.
    """

    binary: Path
    run: Callable[[Path, Sequence[str]], str]
    read_machine: Callable[[], Machine]

    @property
    def sha256(self) -> str:
        """Digest of the program, which carries no version of its own."""
        return hashlib.sha256(self.binary.read_bytes()).hexdigest()


def find_binary(path: Path | None) -> Path:
    """Return the program, from its path or by its name.

    Raises:
        BenchmarkError: there is none that may be run.
    """
    found = shutil.which(str(path) if path is not None else NAME)
    if found is None:
        raise BenchmarkError(
            f"{path or NAME} is not there or may not be run; download {NAME} from LiteRT's releases or build it, make "
            "it executable, and give --binary PATH."
        )
    return Path(found)


def benchmark_model_here(binary: Path) -> BenchmarkModelTarget:
    """Run a binary on this machine."""
    return BenchmarkModelTarget(binary, lambda model, options: _run_here(binary, model, options), read_machine)


def benchmark_model_on(session: Session, binary: Path) -> BenchmarkModelTarget:
    """Run a binary on an open target, to which it is pushed.

    Raises:
        TargetError: when it is run, where the target is lost or its disk is full.
    """

    def run(model: Path, options: Sequence[str]) -> str:
        done = push_and_run(session, binary, model, options)
        return done.stdout + done.stderr

    return BenchmarkModelTarget(binary, run, lambda: ask_machine(session))


def latency_options(kernels: str, threads: int, warmup_runs: int, runs: int) -> tuple[str, ...]:
    """Return the options for exactly `warmup_runs` and `runs` inferences (int), all but --graph.

    The program goes on until both a number of runs and a time are reached; the times are set to 0.

    Example:
        >>> latency_options("xnnpack", 1, 50, 300)[:2]
        ('--num_threads=1', '--use_xnnpack=true')
    """
    return (
        f"--num_threads={threads}",
        f"--use_xnnpack={KERNEL_SWITCHES[kernels]}",
        f"--warmup_runs={warmup_runs}",
        "--warmup_min_secs=0",
        f"--num_runs={runs}",
        "--min_secs=0",
    )


def profile_options(kernels: str, threads: int, warmup_runs: int, runs: int) -> tuple[str, ...]:
    """Return the options for the same with time per operator, as text."""
    return (*latency_options(kernels, threads, warmup_runs, runs), "--enable_op_profiling=true")


def push_and_run(
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
    program = binary.read_bytes()
    content = model.read_bytes()
    facts = ask_facts(session)
    refuse_foreign(program, facts.architecture, str(binary), session.target)
    needed = len(program) + len(content) + MARGIN_BYTES
    if facts.free_bytes < needed:
        raise TargetError(
            f"{session.target} has {format_bytes(facts.free_bytes)} free where temporary files go, and "
            f"{format_bytes(needed)} are needed; free some space there."
        )
    session.push(NAME, program, executable=True)
    session.push(MODEL, content)
    return run_checked(session, (f"./{NAME}", f"--graph={MODEL}", *options), seconds=seconds)


def refuse_foreign(program: bytes, architecture: str, name: str, target: str) -> None:
    """Check that a program is one for a processor.

    Args:
        program: content of its file.
        architecture: of the target, as `uname -m` prints it.
        name, target: for the message.

    Raises:
        BenchmarkError: it is no ELF program.
        TargetError: it is for another processor.
    """
    if program[:4] != b"\x7fELF":
        raise BenchmarkError(f"{name} is no program for Linux or Android; give TFLite's benchmark_model.")
    is_little_endian = program[5] == 1
    machine = int.from_bytes(program[18:20], "little" if is_little_endian else "big")
    runs_on = MACHINES.get(machine, ())
    if architecture not in runs_on:
        built_for = runs_on[-1] if runs_on else f"machine {machine}"
        raise TargetError(f"{name} is built for {built_for}, and {target} is {architecture}; give one for it.")


def _run_here(binary: Path, model: Path, options: Sequence[str]) -> str:
    command = [str(binary), f"--graph={model}", *options]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"{binary} did not end within {SECONDS} s; use fewer --runs.") from None
    except OSError as error:
        raise BenchmarkError(f"{binary} cannot be run ({error.strerror}); give one for this processor.") from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines() or [f"exit {done.returncode}"]
        raise BenchmarkError(f"{binary} failed (exit {done.returncode}): {lines[-1]}")
    return done.stdout + done.stderr
