"""Measure this machine's limits through the runtime that runs the models, and keep them for this very machine."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from tfkws.cache_folders import cache_folders
from tfkws.clock import best_seconds
from tfkws.errors import ProfileParseError, RunFolderError
from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.file.small_models import chain, pointwise_convolution
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.targets.machine import read_machine

# Maps and channels tried: from weights that fit the first cache level's neighbour to a map of many points.
SHAPES = ((16, 128), (16, 256), (16, 512), (32, 128), (32, 256))
NUMBER_TYPES = ("float32", "int8")
CHAIN = 200
SECONDS = 0.15  # for each figure
MEMORY_BYTES = 1 << 28  # of each array, where the last-level cache is unknown
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SYSCONF = {"L2": "SC_LEVEL2_CACHE_SIZE", "L3": "SC_LEVEL3_CACHE_SIZE"}
STATE = ("cpu", "architecture", "cores", "flags", "governor")


def roofline_for(kernels: str = "xnnpack", threads: int = 1, folder: Path | None = None) -> Roofline:
    """Return the limits of this machine in MACs and bytes a second.

    They were measured earlier in the same state, or are measured now: processor, instruction sets, cores,
    clock governor, runtime version, kernels and threads must be the same. A file of another machine is never
    used.

    Args:
        folder: where results are kept; None for the user's cache.
    """
    name = f"{_state_digest(kernels, threads)}.json"
    place = folder or next(cache_folders("roofline"), None)
    if place is not None:
        with suppress(ProfileParseError, RunFolderError):  # missing, damaged, or of an older version: measured again
            return Roofline.from_dict(read_json(place / name))
    roofline = measure_roofline(kernels, threads)
    if place is not None:
        with suppress(OSError):  # a cache that cannot be written is no error
            write_json(place / name, roofline.to_dict())
    return roofline


def measure_roofline(kernels: str = "xnnpack", threads: int = 1) -> Roofline:
    """Measure multiply rates, bandwidths and the cost of an operator; takes a few seconds."""
    machine = read_machine().to_dict()
    machine["flags"] = list(machine["flags"])  # as JSON has it
    peaks = {kind: _peak(kind, kernels, threads) for kind in NUMBER_TYPES}
    return Roofline(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        runtime="litert",
        runtime_version=runtime_version("litert"),
        kernels=kernels,
        threads=threads,
        peak_macs_per_s={kind: rate for kind, (rate, _) in peaks.items()},
        peak_shapes={kind: shape for kind, (_, shape) in peaks.items()},
        numpy_macs_per_s=_numpy_peak(),
        operator_us=_operator_us(kernels, threads),
        levels=_levels(cache_bytes()),
        machine=machine,
    )


def _state_digest(kernels: str, threads: int) -> str:
    machine = read_machine().to_dict()
    state = [machine[name] for name in STATE] + [runtime_version("litert"), kernels, threads]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def _peak(number_type: str, kernels: str, threads: int) -> tuple[float, str]:
    """Highest rate over the shapes, and the shape that reached it."""
    rates = {}
    for side, channels in SHAPES:
        model = open_model(pointwise_convolution(number_type, side, channels), threads, kernels, load_check=False)
        seconds = best_seconds(model.invoke, SECONDS)
        rates[f"1 x 1 convolution, {side} x {side} x {channels} to {channels}"] = (side * channels) ** 2 / seconds
    best = max(rates, key=lambda shape: rates[shape])
    return rates[best], best


def _numpy_peak(side: int = 512) -> float:
    values = np.random.default_rng(0).normal(size=(side, side)).astype(np.float32)
    out = np.empty_like(values)
    return side**3 / best_seconds(lambda: np.matmul(values, values, out=out), SECONDS)


def _operator_us(kernels: str, threads: int) -> float:
    """Difference of a long chain and a single operator, by the number of operators between them."""
    long, short = (open_model(chain(count), threads, kernels, load_check=False) for count in (CHAIN + 1, 1))
    return max(0.0, 1e6 * (best_seconds(long.invoke, SECONDS) - best_seconds(short.invoke, SECONDS)) / CHAIN)


def _levels(caches: Mapping[str, int]) -> tuple[Level, ...]:
    """Each cache level with half of its capacity in use, and memory with arrays far beyond the last level."""
    found = [_level(name, capacity, capacity // 4) for name, capacity in caches.items()]
    return (*found, _level("memory", None, max(MEMORY_BYTES, 4 * max(caches.values(), default=0))))


def _level(name: str, capacity: int | None, array_bytes: int) -> Level:
    source = np.ones(array_bytes // 4, np.float32)
    target = np.empty_like(source)
    copy = best_seconds(lambda: np.copyto(target, source), SECONDS)
    read = best_seconds(lambda: np.dot(source, source), SECONDS)
    return Level(name, capacity, 2 * source.nbytes / copy, source.nbytes / read)


def cache_bytes(root: Path = Path("/")) -> dict[str, int]:
    """Return the capacity in bytes of L2 and L3 as one core sees them, nearest first.

    Linux is asked for it; empty where it does not know.
    """
    found = _from_sysfs(root / "sys/devices/system/cpu/cpu0/cache") or _from_sysconf()
    return dict(sorted((name, size) for name, size in found.items() if size > 0))


def _from_sysfs(folder: Path) -> dict[str, int]:
    found = {}
    for index in folder.glob("index*"):
        try:
            level, kind, size = (
                (index / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size")
            )
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
