"""Time and kernels on a GPU, time and instructions on cores, and the work: what the models are fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.records import PUBLISHED
from benchmarks.zoo_files import COMMANDS, WAKE_WORD
from tfkws.errors import BenchmarkError
from tfkws.run_folder import read_json, read_record

PROFILES = PUBLISHED / "profile"
RECORDS = "records"
LEFT_OUT, NAMES_KEPT = "graph_kernels_left_out", 30  # in a trace; names of kernels that a record holds at most
MEASURED = ("net", "device", "jax", "b1_us")  # what each of them holds
NETWORKS = (*COMMANDS, *WAKE_WORD)
CORE = "cortex-a53"
MULTIPLIES = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


@dataclass(frozen=True)
class GpuTime:
    """One network on a GPU, one clip, microseconds.

    Attributes:
        latency_us: median from call to answer; p5_us, p95_us: tails.
        busy_us: time of all kernels of one call; kernels: their number.
        alone: whether nothing else was running on the machine.
        all_counted: whether `kernels` are all; otherwise there were more.
    """

    latency_us: float
    p5_us: float
    p95_us: float
    busy_us: float
    kernels: float
    alone: bool
    all_counted: bool = True


@dataclass(frozen=True)
class Work:
    """What one network asks for in one inference as a .tflite file in float32.

    Attributes:
        operators: all of them; multiplying: convolutions and dense layers.
        layers: leaf layers in Keras; 0 where nobody counted.
        weight_bytes: each weight once; moved_bytes: inputs, weights and outputs of each operator, each once.
        opcodes: kinds of operators, each once.
        largest_macs, largest_moved_bytes: of one operator.
    """

    operators: int
    multiplying: int
    layers: int
    macs: int
    weight_bytes: int
    moved_bytes: int
    largest_macs: int
    largest_moved_bytes: int
    opcodes: tuple[str, ...] = ()


def read_measured(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the latency records of one card, by network in the order of the tables.

    Raises:
        RunFolderError, BenchmarkError: a file is damaged, or no such record.
    """
    records = [read_whole(path, MEASURED) for path in sorted(folder.glob("*.json"))]
    stored = {str(record["net"]): record for record in records}
    return {name: stored[name] for name in NETWORKS if name in stored}


def read_whole(path: Path, keys: Sequence[str]) -> dict[str, Any]:
    """Read a record that a machine sent back.

    Raises:
        RunFolderError: it is damaged.
        BenchmarkError: it lacks some of the keys.
    """
    record = read_record(path)
    if lacking := [key for key in keys if key not in record]:
        raise BenchmarkError(
            f"{path} is no record of `python -m benchmarks gpu`: it lacks {', '.join(lacking)}; take it away, or "
            "restore it from a copy."
        )
    return record


def has_trace(record: Mapping[str, Any]) -> bool:
    """Return whether kernels were recorded; a driver may forbid it, and then latency is all there is."""
    return bool(record.get("trace", {}).get("kernels"))


def read_gpu_times(folder: Path) -> dict[str, GpuTime]:
    """Read the records of one card, those with a trace, in the order of the tables."""
    return {name: _gpu_time(record) for name, record in read_measured(folder).items() if has_trace(record)}


def read_untraced(folder: Path) -> dict[str, float]:
    """Return the median latency, in µs, of the networks whose kernels nobody recorded."""
    records = read_measured(folder).items()
    return {name: float(record["b1_us"]["median"]) for name, record in records if not has_trace(record)}


def _gpu_time(record: Mapping[str, Any]) -> GpuTime:
    one, trace = record["b1_us"], record["trace"]
    kernels, all_counted = _kernels(trace)
    alone = bool(record.get("all_ready", True))
    return GpuTime(one["median"], one["p5"], one["p95"], trace["busy_us"], kernels, alone, all_counted)


def _kernels(trace: Mapping[str, Any]) -> tuple[float, bool]:
    """Return the kernels of one call, and whether these are all.

    A record that says `graph_kernels_left_out` did not count kernels beside which others ran in a CUDA graph. Its
    list of names did, and holds all where it is not full; where no kernel is of a graph, none was left out.
    """
    counted = float(trace["kernels"])
    if not trace.get(LEFT_OUT):
        return counted, True
    named = sum(count for _, count in trace["kernel_names"]) / trace["passes"]
    if len(trace["kernel_names"]) < NAMES_KEPT:
        return named, True
    return max(counted, named), counted.is_integer() and all(row["layers"] for row in trace["rows"])


def card_of(folder: Path) -> str:
    """Return the card's name as its records give it."""
    return str(read_json(min(folder.glob("*.json")))["device"])


def read_works(profiles: Path = PROFILES) -> dict[str, Work]:
    """Count the work of every network from its published operator profile."""
    return {name: _work(read_json(profiles / f"operators-{name}-float32.json"), profiles, name) for name in NETWORKS}


def _work(profile: Mapping[str, Any], profiles: Path, name: str) -> Work:
    rows, keras = profile["rows"], profiles / f"layers-cpu-jax-{name}.json"
    return Work(
        operators=len(rows),
        multiplying=sum(row["opcode"] in MULTIPLIES for row in rows),
        layers=len(read_json(keras)["rows"]) if keras.exists() else 0,
        macs=sum(row["macs"] or 0 for row in rows),
        weight_bytes=sum(row["weight_bytes"] or 0 for row in rows),
        moved_bytes=sum(row["bytes_moved"] for row in rows),
        largest_macs=max(row["macs"] or 0 for row in rows),
        largest_moved_bytes=max(row["bytes_moved"] for row in rows),
        opcodes=tuple(sorted({row["opcode"] for row in rows})),
    )


def read_cpu_us(profiles: Path = PROFILES) -> dict[str, float]:
    """Return the median latency of every float32 file on one x86 core, microseconds."""
    runs = {name: read_json(profiles / f"latency-{name}.json") for name in NETWORKS}
    return {name: float(run[f"{name}-float32"]["median_us"]) for name, run in runs.items()}


def read_instructions(profiles: Path = PROFILES) -> dict[str, float]:
    """Return the instructions of one inference of every float32 file on an emulated Cortex-A53; never a time."""
    results = read_json(profiles / "arm" / "instructions.json")["results"]
    counts = {r["network"]: float(r["mix"]["all"]) for r in results if (r["recipe"], r["core"]) == ("none", CORE)}
    return {name: counts[name] for name in NETWORKS if name in counts}
