"""Sizes of the data caches that one core sees, from what Linux tells; empty elsewhere."""

import os
from pathlib import Path

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SYSCONF = {"L2": "SC_LEVEL2_CACHE_SIZE", "L3": "SC_LEVEL3_CACHE_SIZE"}


def cache_bytes(root: Path = Path("/")) -> dict[str, int]:
    """Capacity of L2 and L3, nearest first, where they exist and are told."""
    found = _from_sysfs(root / "sys/devices/system/cpu/cpu0/cache") or _from_sysconf()
    return dict(sorted((name, size) for name, size in found.items() if size > 0))


def _from_sysfs(folder: Path) -> dict[str, int]:
    found = {}
    for index in folder.glob("index*"):
        try:
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        except OSError:
            continue
        if level in ("2", "3") and kind in ("Data", "Unified"):
            found[f"L{level}"] = _parse(size)
    return found


def _parse(text: str) -> int:
    """Read "1024K"."""
    return int(text[:-1]) * _UNITS[text[-1]] if text[-1:] in _UNITS else int(text)


def _from_sysconf() -> dict[str, int]:
    names = getattr(os, "sysconf_names", {})
    return {level: os.sysconf(name) for level, name in _SYSCONF.items() if name in names}
