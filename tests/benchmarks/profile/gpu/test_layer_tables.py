"""Layers of a trace: added up by class, told from what is fused and what nobody could give to a layer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.profile.gpu.layer_tables import class_times, classes_table, layer_classes, layers_table, read_traces
from benchmarks.profile.gpu.measured import GpuTime
from tfkws.run_folder import write_json

CLASSES = {"conv": "Conv2D", "other": "Conv2D", "norm": "BatchNormalization", "relu": "ReLU"}


def row(layers: list[str], kernels: float, busy_us: float) -> dict[str, Any]:
    return {"layers": layers, "kernels": kernels, "kernel_names": ["k"], "busy_us": [busy_us]}


TRACE: dict[str, Any] = {
    "passes": 10, "busy_us": 40.0, "kernels": 6.0,
    "rows": [row(["conv"], 2.0, 16.0), row(["norm", "relu"], 1.0, 8.0), row(["other"], 2.0, 12.0), row([], 1.0, 4.0)],
}  # fmt: skip
TIMES = {"kws12": GpuTime(160.0, 150.0, 170.0, 40.0, 6.0, True)}


def classes_of(name: str) -> Mapping[str, str]:
    return CLASSES


def test_a_class_has_the_time_of_all_its_layers() -> None:
    found = [(each.classes, each.rows, each.kernels, each.busy_us) for each in class_times(TRACE, CLASSES)]
    assert found == [
        ("Conv2D", 2, 4.0, 28.0), ("BatchNormalization + ReLU", 1, 1.0, 8.0), ("(not attributed)", 1, 1.0, 4.0),
    ]  # fmt: skip


def test_a_network_is_a_row_whose_shares_make_the_whole() -> None:
    table = layers_table({"kws12": TRACE}, TIMES, classes_of)
    assert table is not None
    most = "Conv2D 70 %, BatchNormalization + ReLU 20 %, (not attributed) 10 %"
    assert table.rows == (("kws12", "6", "40 µs", "75 %", "100.0 %", "70 %", "20 %", "10 %", most),)
    assert layers_table({}, TIMES, classes_of) is None


def test_kernels_beside_each_other_show_in_the_sum() -> None:
    """On several streams they overlap, and the layers add up to more than the time in which any runs."""
    table = layers_table({"kws12": TRACE | {"busy_us": 32.0}}, TIMES, classes_of)
    assert table is not None and table.rows[0][4] == "125.0 %"


def test_the_file_of_classes_holds_every_network() -> None:
    rows = classes_table({"kws12": TRACE, "dscnn": TRACE}, classes_of).rows
    assert [line[0] for line in rows] == ["kws12"] * 3 + ["dscnn"] * 3
    assert sum(float(line[4]) for line in rows) == pytest.approx(80)
    assert sum(float(line[5]) for line in rows) == pytest.approx(2)


def test_traces_of_an_earlier_form_or_without_kernels_tell_no_layers(tmp_path: Path) -> None:
    whole = {"device": "A card", "jax": "1", "b1_us": {}}
    traces: dict[str, dict[str, Any]] = {
        "kws12": {"trace": TRACE},
        "kws1": {"trace": {"busy_us": 3.0, "kernels": 2.0}},
        "kws2": {},
        "kws3": {"trace": TRACE | {"kernels": 0, "rows": []}},
    }
    for name, trace in traces.items():
        write_json(tmp_path / "records" / f"{name}.json", whole | {"net": name} | trace)
    assert read_traces(tmp_path) == {"kws12": TRACE}


def test_layers_have_their_classes_from_a_profile_or_from_the_network() -> None:
    assert layer_classes("dscnn")["stem_conv_norm"] == "BatchNormalization"
    built = layer_classes("kws12")
    assert (built["unit1_conv"], built["unit1_conv_norm"], built["logits"]) == ("Conv2D", "BatchNormalization", "Dense")
