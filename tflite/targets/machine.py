"""The circumstances of a measurement: processor, clock, temperature, load; read from files, so nothing is needed."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tfkws.processor import CPUINFO, facts_of

# The files, below /, that `describe_machine` knows; `*` stands for any name.
CPUFREQ = "sys/devices/system/cpu/cpu0/cpufreq"
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
BOARD = "proc/device-tree/model"
ZONES = "sys/class/thermal/thermal_zone*/temp"
FILES = (CPUINFO, "proc/loadavg", BOARD, f"{CPUFREQ}/scaling_governor", f"{CPUFREQ}/scaling_cur_freq", THROTTLED,
         ZONES)  # fmt: skip

# Instruction sets that decide which kernels a runtime takes, on x86 and on ARM.
TELLING_FLAGS = (
    "sse4_1", "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw", "avx512_vnni", "avx_vnni", "avx512_fp16",
    "amx_int8", "neon", "asimd", "fphp", "asimdhp", "asimddp", "i8mm", "sve",
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """A machine at one moment; None where it cannot be read.

    Attributes:
        flags: instruction sets that matter to the kernels.
        clock_mhz: of the first core, in MHz.
        temperature_c: the highest of the thermal zones, in degrees Celsius.
        throttled: the firmware's throttling bits (int) of a Raspberry Pi; 0 means never throttled since
            start.
        load_average: processes that ran or waited, over the last minute.
    """

    cpu: str
    architecture: str
    cores: int
    flags: tuple[str, ...]
    system: str
    governor: str | None
    clock_mhz: float | None
    temperature_c: float | None
    throttled: int | None
    load_average: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def read_machine(root: Path = Path("/")) -> Machine:
    """Read this machine's state; `root` holds `proc` and `sys`."""
    texts = {}
    for pattern in FILES:
        for path in root.glob(pattern):
            texts[str(path.relative_to(root))] = _text(path)
    readable = {name: text for name, text in texts.items() if text is not None}
    return describe_machine(readable, platform.machine(), platform.platform(), os.cpu_count() or 1)


def describe_machine(texts: Mapping[str, str], architecture: str, system: str, cores: int) -> Machine:
    """Describe a machine by the content of its files.

    Args:
        texts: path below / to content, for those of `FILES` that are there.
    """
    facts = facts_of(texts.get(CPUINFO, ""))
    present = facts.get("flags", facts.get("Features", "")).split()
    clock = _number(texts.get(f"{CPUFREQ}/scaling_cur_freq"))
    throttled = texts.get(THROTTLED, "").strip()
    board = texts.get(BOARD, "").strip().rstrip("\0")
    return Machine(
        cpu=facts.get("model name") or board or facts.get("CPU part", "unknown"),
        architecture=architecture,
        cores=cores,
        flags=tuple(flag for flag in TELLING_FLAGS if flag in present),
        system=system,
        governor=texts.get(f"{CPUFREQ}/scaling_governor", "").strip() or None,
        clock_mhz=clock / 1e3 if clock is not None else _number(facts.get("cpu MHz")),
        temperature_c=_temperature(texts),
        throttled=_bits(throttled),
        load_average=_number(texts.get("proc/loadavg", "").partition(" ")[0]),
    )


def _temperature(texts: Mapping[str, str]) -> float | None:
    zones = [_number(text) for name, text in texts.items() if PurePosixPath(name).match(ZONES)]
    return max((value / 1e3 for value in zones if value is not None), default=None)


def _bits(text: str) -> int | None:
    try:
        return int(text, 16) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
