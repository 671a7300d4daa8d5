"""What timing the layers of a Keras model returns: as JSON and as one CSV a repeat. Pure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KIND = "keras-layers"

Samples = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class LayerRow:
    """One leaf layer, in execution order.

    Attributes:
        layer: its class.
        category: of paper A's table.
        weight_bytes: everything it stores.
        bytes_moved: inputs, weights and output, each once, in float32.
        samples_us: of each repeat, of each pass.
    """

    index: int
    name: str
    layer: str
    category: str
    output_shape: tuple[int, ...]
    macs: int | None
    params: int
    weight_bytes: int
    bytes_moved: int
    samples_us: Samples


@dataclass(frozen=True)
class LayerProfile:
    """Times of every layer of one model on one device, with what they were measured on.

    Attributes:
        mode: "compiled" (each layer a compiled function) or "eager" (as Python calls it).
        threads: processor cores that the process might use; 0 for all.
        trials: repeats.
        passes: passes through the network in each repeat; the first ones, `warmup_passes`, are thrown away.
        call_us: µs of the same call of a layer that does nothing, on one number: what every row contains
            besides its work.
        whole_compiled_us, whole_eager_us: µs of whole forward passes, not cut into layers; at most three in
            each repeat.
        peak_macs_per_s, copy_bytes_per_s: MACs and bytes a second of a large matrix product and a large copy
            by the same backend on the same device.
        roofline: limits of the CPU that it ran on, as `tfkws.profiling.explain.roofline` has them; None on a
            GPU.
        machine: state of the machine before the measurement.
    """

    model: str
    input_shape: tuple[int, ...]
    input_source: str
    weights: str
    backend: str
    backend_version: str
    keras_version: str
    device: str
    device_name: str
    mode: str
    threads: int
    trials: int
    passes: int
    warmup_passes: int
    call_us: float
    whole_compiled_us: Samples
    whole_eager_us: Samples
    peak_macs_per_s: float
    copy_bytes_per_s: float
    roofline: dict[str, Any] | None
    machine: dict[str, Any]
    rows: tuple[LayerRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values with every sample."""
        return {"kind": KIND, **asdict(self)}


def thin(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Keep one figure a layer and repeat, the mean over its passes in µs.

    This is for profiles whose every sample would be too much to keep.
    """
    rows = [row | {"samples_us": [[mean(repeat)] for repeat in row["samples_us"]]} for row in profile["rows"]]
    whole = {name: [[mean(repeat)] for repeat in profile[name]] for name in ("whole_compiled_us", "whole_eager_us")}
    return dict(profile) | whole | {"rows": rows, "thinned": "means over the passes of each trial"}


def repeat_csv(profile: Mapping[str, Any], repeat: int) -> str:
    """Return the CSV of one repeat, in the form of paper A's log.

    A line is a layer: what ran, its category, how often, how long in sum (µs), and its MACs.

    Args:
        repeat: from 0.
    """
    lines = [("layer", "class", "category", "runs", "time_us", "macs")]
    for row in profile["rows"]:
        samples = row["samples_us"][repeat]
        runs = profile["passes"]
        time_us = mean(samples) * runs
        macs = "" if row["macs"] is None else str(row["macs"])
        lines.append((row["name"], row["layer"], row["category"], str(runs), f"{time_us:.3f}", macs))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def mean(values: Any) -> float:
    """Return the mean of one or more numbers, a float."""
    return float(sum(values) / len(values))
