"""One command and all that it starts: its wall clock, processor time and largest memory, read from /proc."""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.children import changed
from benchmarks.speed.processor_time import Moment, foreign_share

POLL_SECONDS = 0.2
KIB = 1024


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    Attributes:
        seconds: wall clock.
        cpu_seconds: processor time of it and all that it started and waited for.
        peak_bytes: the largest sum of the proportional set sizes of all its processes, by polling; 0 where it ended
            before the first poll.
        foreign: share 0..1 of the cores that other programs took meanwhile.
        status: 0 where all went well.
        output: the end of what it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    foreign: float
    status: int
    output: str


def run_command(
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str | None],
    log: Path,
    *,
    memory: bool = True,
    on_poll: Callable[[float], None] = lambda seconds: None,
) -> Finished:
    """Run a command to its end; what it prints goes to `log`.

    Args:
        memory: whether its memory is polled, which takes some time of its own.
        on_poll: called with the seconds so far.
    """
    before, used = Moment.now(), _children_seconds()
    peak = 0
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=cwd, env=changed(os.environ, environment), stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
        try:
            while memory and process.poll() is None:
                peak = max(peak, sum(map(resident_bytes, descendants(process.pid))))
                on_poll(time.perf_counter() - before.at)
                time.sleep(POLL_SECONDS)
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    after, cpu = Moment.now(), _children_seconds() - used
    share = foreign_share(before, after, cpu, os.cpu_count() or 1)
    return Finished(after.at - before.at, cpu, peak, share, status, log.read_text(errors="replace")[-2000:])


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def descendants(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """Return a process and all that it started, directly or not, which are still there."""
    children: dict[int, list[int]] = {}
    for path in proc.glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        children.setdefault(int(after_name[1]), []).append(int(path.parent.name))
    found, waiting = list[int](), [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def resident_bytes(pid: int, proc: Path = Path("/proc")) -> int:
    """Return the proportional set size of a process: pages that several share are counted in parts; 0 when it ended."""
    try:
        lines = (proc / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KIB for line in lines if line.startswith("Pss:"))
