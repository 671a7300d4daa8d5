"""How many trials this machine has room for at a time, each with one thread."""

import math
from contextlib import suppress
from pathlib import Path

from tfkws.processor import cores_allowed

TRIAL_MIB = 1_536.0  # a process of trials starts at a third of it, and is renewed above it
MEMORY = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
GPUS = (Path("/dev/nvidia0"), Path("/dev/kfd"))


def room_here() -> int:
    """Return how many trials fit at a time, an int of at least 1: one a core, as far as memory goes.

    One, where there is a graphics processor: Keras takes all of its memory for the first process that asks.
    """
    if any(path.exists() for path in GPUS):
        return 1
    return max(1, int(min(cores_here(), memory_here_mib() / TRIAL_MIB)))


def cores_here() -> int:
    """Return the cores that this process may use, an int: a container's share of them counts."""
    cores = cores_allowed()
    with suppress(OSError, ValueError):
        quota, period = (CGROUP / "cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            return max(1, min(cores, math.ceil(int(quota) / int(period))))
    return cores


def memory_here_mib() -> float:
    """Return the memory that is left for new processes in MiB; infinite where the system does not tell."""
    return min(_available_mib(), _container_mib())


def _available_mib() -> float:
    with suppress(OSError, ValueError, IndexError):
        for line in MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / 1024
    return math.inf


def _container_mib() -> float:
    with suppress(OSError, ValueError):
        return int((CGROUP / "memory.max").read_text(encoding="ascii")) / 2**20
    return math.inf
