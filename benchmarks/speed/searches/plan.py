"""The searches that are timed, and their command lines."""

from dataclasses import dataclass
from pathlib import Path

WORDS = "yes,no,up,down,left,right,go,stop"


@dataclass(frozen=True)
class TimedSearch:
    """One search of 24 candidates.

    Attributes:
        space: a built-in space.
        limits: options that bound its candidates.
        candidates: trials of its one stage.
        iterations: of each.
    """

    space: str
    limits: tuple[str, ...] = ()
    candidates: int = 24
    iterations: int = 500

    def arguments(self, data: Path, out: Path, seed: int) -> list[str]:
        """Return the arguments of `tfkws`; workers and all else are its defaults."""
        task = ["--data", str(data), "--task", "commands", "--words", WORDS, "--recipe", "best"]
        length = ["--stages", str(self.candidates), "--iterations", str(self.iterations), "--fine-tune", "0"]
        return ["search", *task, "--space", self.space, *self.limits, *length, "--seed", str(seed), "--out", str(out)]


SEARCHES = (TimedSearch("paper-table", ("--max-macs", "1e7")), TimedSearch("matchboxnet"))
