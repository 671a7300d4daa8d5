"""What every target offers: a working folder that takes files and runs commands; and what its failures mean.

The folder is removed in the end. A command that failed becomes one sentence with what to do.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, Protocol

from tfkws.errors import BenchmarkError, TargetError

PYTHON = "python"  # as first word of a command: the target's own Python
COUNTING_PYTHON = "counting-python"  # the same with every instruction counted; emulated targets only
EMULATOR = "emulator"  # the emulator itself, of emulated targets
RUN_SECONDS = 600.0
SIGNALS = {
    4: "stopped at an instruction that its processor lacks; install a runtime built for this processor",
    6: "aborted; try the other kernels, or another version of the runtime",
    7: "met a bus error; the memory or the disk there may be full",
    9: "was killed, mostly because memory ran out; end other programs there, or use a smaller model",
    11: "crashed; try the other kernels, or another version of the runtime",
    15: "was ended by another program; run the same command again",
}
FULL = ("no space left on device", "disk quota exceeded", "enospc")


@dataclass(frozen=True)
class RawRun:
    """What a command left.

    Attributes:
        exit_code: 128 + n where signal n ended it, as shells report it.
        seconds: from start to end as seen from here.
    """

    stdout: str
    stderr: str
    exit_code: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


class Session(Protocol):
    """A connection to a target, with a temporary folder there.

    Attributes:
        target: what to call it in messages and results.

    Raises:
        TargetError: from any method, where the target cannot be reached or fails.
    """

    target: str

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Write a file into the folder.

        Raises:
            TargetError: the connection is lost, or the disk there is full.
        """

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Run a command in the folder and wait for it; its first word may be one of those above.

        Raises:
            TargetError: the connection is lost, or the command took longer than `seconds`.
        """

    def close(self) -> None:
        """End what still runs and remove the folder; may be called again."""


def raise_failure(run: RawRun, command: Sequence[str], target: str) -> NoReturn:
    """Raise what a failed run means.

    Raises:
        TargetError: the device is at fault: a full disk, a missing program, a killed process (`SignalError`).
        BenchmarkError: the command refused its work; the reason is its last line.
    """
    lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
    if any(word in run.stderr.lower() for word in FULL):
        raise TargetError(disk_full(target))
    if run.exit_code == 127:
        raise TargetError(f"{target} has no {command[0]}; install it there, or name its path.")
    if run.exit_code == 126:
        raise TargetError(
            f"{target} refuses to run {command[0]} ({lines[-1] if lines else 'exit 126'}); is it for this processor, "
            "and may programs run where temporary files go?"
        )
    if run.exit_code - 128 in SIGNALS:
        raise SignalError(target, run.exit_code - 128, run.stderr)
    raise BenchmarkError(f"It failed on {target}: {lines[-1] if lines else f'exit {run.exit_code}'}")


def disk_full(target: str) -> str:
    """Return the sentence that a push or a run met a full disk."""
    return f"The disk of {target} is full; free some space there and run the same command again."


def connection_lost(target: str) -> str:
    """Return the sentence that the connection ended while something ran."""
    return (
        f"The connection to {target} was lost; what ran there is ended and removed by its own watch within a minute. "
        "Check the network, the cable and the power supply, and run the same command again."
    )


class SignalError(TargetError):
    """A signal of `SIGNALS` ended a process on a target.

    Attributes:
        target: where it ran.
        number: of the signal.
        log: what the process wrote to its stderr.
    """

    def __init__(self, target: str, number: int, log: str) -> None:
        super().__init__(f"The process on {target} {SIGNALS[number]}.")
        self.target, self.number, self.log = target, number, log


class TooSlowError(TargetError):
    """A command did not end within so many seconds."""

    def __init__(self, target: str, seconds: float, mend: str = "use fewer --runs or a smaller model") -> None:
        super().__init__(f"{target} did not answer within {seconds:.0f} s; {mend}.")
        self.target, self.seconds = target, seconds

    def with_mend(self, mend: str) -> "TooSlowError":
        """Return the same with something else to do."""
        return TooSlowError(self.target, self.seconds, mend)
