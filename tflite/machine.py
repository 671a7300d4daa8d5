"""The circumstances of a measurement: processor, clock, temperature, load; read from files, so nothing is needed."""

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
        clock_mhz: of the first core.
        temperature_c: the highest of the thermal zones.
        throttled: the firmware's throttling bits of a Raspberry Pi; 0 means never throttled since start.
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
    """Read the machine's state; `root` holds `proc` and `sys`."""
    facts = _cpu_facts(root / "proc/cpuinfo")
    present = facts.get("flags", facts.get("Features", "")).split()
    cpufreq = root / "sys/devices/system/cpu/cpu0/cpufreq"
    clock = _number(cpufreq / "scaling_cur_freq")
    throttled = _text(root / "sys/devices/platform/soc/soc:firmware/get_throttled")
    return Machine(
        cpu=facts.get("model name") or _board(root) or facts.get("CPU part", "unknown"),
        architecture=platform.machine(),
        cores=os.cpu_count() or 1,
        flags=tuple(flag for flag in TELLING_FLAGS if flag in present),
        system=platform.platform(),
        governor=_text(cpufreq / "scaling_governor"),
        clock_mhz=clock / 1e3 if clock is not None else _megahertz(facts),
        temperature_c=_temperature(root / "sys/class/thermal"),
        throttled=int(throttled, 16) if throttled else None,
        load_average=_load_average(root / "proc/loadavg"),
    )


def _cpu_facts(path: Path) -> dict[str, str]:
    """First value of each key in /proc/cpuinfo."""
    facts: dict[str, str] = {}
    for line in (_text(path) or "").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            facts.setdefault(key.strip(), value.strip())
    return facts


def _board(root: Path) -> str | None:
    model = _text(root / "proc/device-tree/model")
    return model.rstrip("\0") if model else None


def _megahertz(facts: dict[str, str]) -> float | None:
    return float(facts["cpu MHz"]) if "cpu MHz" in facts else None


def _temperature(zones: Path) -> float | None:
    found = [_number(zone / "temp") for zone in zones.glob("thermal_zone*")]
    return max((value / 1e3 for value in found if value is not None), default=None)


def _load_average(path: Path) -> float | None:
    text = _text(path)
    return float(text.split()[0]) if text else None


def _number(path: Path) -> float | None:
    text = _text(path)
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None
