"""The same networks as .tflite files by LiteRT on the card and on the CPU beside it, where a run has measured them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.profile.gpu.measured import NETWORKS
from tfkws.run_folder import read_json
from tfkws.units import format_us
from tfkws.views.table import Table

LITERT = "litert"  # folder of a file a network and runtime
RUNTIMES = ("litert-gpu", "litert-gpu-half", "litert")
Record = Mapping[str, Any]


def litert_table(folder: Path) -> Table | None:
    """Lay out what lies in the folder of a card; None where no file was measured there."""
    found = {path.stem: read_json(path) for path in sorted((folder / LITERT).glob("*.json"))}
    rows = []
    for name in NETWORKS:
        own = {runtime: found[f"{name}-{runtime}"] for runtime in RUNTIMES if f"{name}-{runtime}" in found}
        if own:
            rows.append(_row(name, own))
    if not rows:
        return None
    columns = ("network", "GPU, float32", "without transfer", "GPU, half", "CPU there", "largest difference", "remark")
    note = (
        "Median of one inference with transfer of input and output, LiteRT's WebGPU accelerator. Weights are random, "
        "drawn where it was measured. Difference: of an answer from the CPU's, float32."
    )
    return Table("The same networks as .tflite files", columns, tuple(rows), columns[1:6], note)


def _row(name: str, own: Mapping[str, Record]) -> tuple[str, ...]:
    full = own.get("litert-gpu", {})
    accelerated = full.get("acceleration") or {}
    inside = accelerated.get("without_transfer")
    difference = accelerated.get("largest_difference")
    cells = [_median(own.get(runtime, {})) for runtime in RUNTIMES]
    return (
        name, cells[0], format_us(inside["median_us"]) if inside else "", cells[1], cells[2],
        "" if difference is None else f"{difference:.1e}", _remark(full, accelerated),
    )  # fmt: skip


def _median(record: Record) -> str:
    return format_us(record["median_us"]) if "median_us" in record else ""


def _remark(record: Record, accelerated: Record) -> str:
    if "refused" in record:
        return str(record["refused"])
    if not accelerated:
        return ""
    adapter = accelerated["adapter"]
    word = "software adapter" if adapter["software"] else "hardware"
    part = "" if accelerated["fully_accelerated"] else ", partly on the CPU"
    return f"{adapter['name']}, {word}{part}"
