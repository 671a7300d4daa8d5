"""How much of the machine's cores went to programs other than the one that was measured, read from /proc/stat."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
STAT = Path("/proc/stat")
IDLE = (3, 4)  # columns of idle and of waiting for a disk; proc(5)


@dataclass(frozen=True)
class Moment:
    """One reading.

    Attributes:
        at: s, of a clock that never goes back.
        busy: processor seconds since start, of all cores, of every program and of other machines on these cores.
    """

    at: float
    busy: float

    @staticmethod
    def now(stat: Path = STAT) -> "Moment":
        """Read the moment."""
        return Moment(time.perf_counter(), busy_seconds(stat.read_text()))


def busy_seconds(stat: str, ticks: int = TICKS) -> float:
    """Return the seconds that all cores were busy, from the text of /proc/stat.

    Guests are counted in user time there, so their columns are left out; time that the hypervisor gave to other
    machines ("steal") is busy.

    Example:
        >>> busy_seconds("cpu  100 0 50 9000 10 0 0 40 0 0\\ncpu0 ...", ticks=100)
        1.9
    """
    columns = [int(column) for column in stat.splitlines()[0].split()[1:9]]
    return sum(value for number, value in enumerate(columns) if number not in IDLE) / ticks


def foreign_share(before: Moment, after: Moment, own: float, cores: int) -> float:
    """Return the share 0..1 of all cores that other programs took between two moments.

    Args:
        own: processor seconds of what was measured between them.

    Example:
        >>> foreign_share(Moment(0.0, 5.0), Moment(10.0, 16.0), own=10.0, cores=2)
        0.05
    """
    others = after.busy - before.busy - own
    return min(1.0, max(0.0, others / ((after.at - before.at) * cores)))
