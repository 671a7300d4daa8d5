"""What Linux says about a processor, of this machine or of one whose `/proc/cpuinfo` was read elsewhere."""

import os
import platform
from pathlib import Path

CPUINFO = "proc/cpuinfo"  # below /
TOLD_APART_BY = ("model name", "flags", "Features", "CPU implementer", "CPU part")


def facts_of(cpuinfo: str) -> dict[str, str]:
    """Return the first value of each key, which is that of the first core.

    Args:
        cpuinfo: content of `/proc/cpuinfo`.

    Example:
        >>> facts_of("processor : 0\\nflags : fpu avx2\\n\\nprocessor : 1\\nflags : fpu\\nHardware : BCM2835")
        {'processor': '0', 'flags': 'fpu avx2', 'Hardware': 'BCM2835'}
    """
    facts: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            facts.setdefault(key.strip(), value.strip())
    return facts


def processor_here() -> dict[str, str]:
    """Return what tells this machine's processor apart from others; its architecture where nothing else is told."""
    try:
        text = Path("/", CPUINFO).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {"model name": platform.processor() or platform.machine()}
    return {key: value for key, value in facts_of(text).items() if key in TOLD_APART_BY}


def processor_name() -> str:
    """Return the processor's name as Linux tells it, else its architecture."""
    return processor_here().get("model name", platform.machine())


def cores_allowed() -> int:
    """Return how many cores this process may run on, an int of at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
