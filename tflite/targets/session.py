"""What every target offers: a working folder that takes files and runs commands, and is removed in the end."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

PYTHON = "python"  # as first word of a command: the target's own Python
COUNTING_PYTHON = "counting-python"  # the same with every instruction counted; emulated targets only
EMULATOR = "emulator"  # the emulator itself, of emulated targets
RUN_SECONDS = 600.0


@dataclass(frozen=True)
class RawRun:
    """What a command left.

    Attributes:
        exit_code: 128 + n where signal n ended it, as shells tell it.
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
