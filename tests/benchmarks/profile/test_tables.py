"""The tables of the profile page on measurements made by hand: every page is written, and its numbers are right."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.profile.tables import write_tables
from benchmarks.records import PUBLISHED, ROOT

MACHINE = {"cpu": "C", "flags": ["avx2"]}
LIMITS = {
    "when": "2026", "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack", "threads": 1,
    "peak_macs_per_s": {"float32": 10e9, "int8": 40e9}, "peak_shapes": {"float32": "f", "int8": "i"},
    "numpy_macs_per_s": 9e9, "operator_us": 0.5, "machine": MACHINE,
    "levels": [{"name": "memory", "capacity_bytes": None, "copy_bytes_per_s": 10e9, "read_bytes_per_s": 1e9}],
}  # fmt: skip
NAMES = ("dscnn", "cnn", "densenet_bc_190_40", "efficientnet_b7", "mnasnet1_0")


def operators(name: str, conv_us: float, macs: int) -> dict[str, Any]:
    rows = [
        {"index": 0, "opcode": "CONV_2D", "name": "conv", "layer_class": "Conv2D", "method": "profiler", "macs": macs,
         "params": 1, "weight_bytes": 100, "bytes_moved": 1_000, "time_us": conv_us, "trial_us": [conv_us] * 3},
        {"index": 1, "opcode": "CONCATENATION", "name": "join", "layer_class": "DataMovement", "method": "profiler",
         "macs": 0, "params": 0, "weight_bytes": 0, "bytes_moved": 5_000, "time_us": 2.0, "trial_us": [1.0, 2.0, 3.0]},
    ]  # fmt: skip
    return {
        "model": name, "number_type": "float32", "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack",
        "threads": 1, "whole_us": conv_us + 3, "sum_us": conv_us + 2, "difference_trials": [0.01, -0.02, 0.03],
        "explanation": "", "warnings": [], "machine": MACHINE, "roofline": LIMITS, "rows": rows,
    }  # fmt: skip


def layers(name: str, macs: int) -> dict[str, Any]:
    kinds = (("conv", "Conv2D", "Conv2D", macs), ("conv_norm", "BatchNormalization", "BatchNorm", 0),
             ("join", "Concatenate", "Other", 0))  # fmt: skip
    return {
        "kind": "keras-layers", "model": name, "device": "cpu", "device_name": "cpu", "machine": MACHINE,
        "mode": "compiled",
        "backend": "jax", "backend_version": "1", "threads": 1, "trials": 2, "passes": 4, "call_us": 5.0,
        "roofline": None,
        "whole_compiled_us": [[90.0]] * 2, "whole_eager_us": [[300.0]] * 2, "peak_macs_per_s": 1e9,
        "copy_bytes_per_s": 1e9,
        "rows": [{"name": n, "layer": layer, "category": c, "macs": m, "weight_bytes": 40, "bytes_moved": 90,
                  "samples_us": [[20.0], [40.0]]} for n, layer, c, m in kinds],
    }  # fmt: skip


def latency(median_us: float) -> dict[str, Any]:
    return {
        "model": "x", "size_bytes": 10, "median_us": median_us, "median_interval_us": [median_us, median_us],
        "p95_us": 1.0,
        "p99_us": 1.0, "load_us": 1.0, "runs": 9, "peak_rss_bytes": 5, "warnings": [], "before": MACHINE, "threads": 1,
        "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack",
    }  # fmt: skip


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of measurements, with every page of it."""
    files: dict[str, Any] = {"roofline": LIMITS}
    for i, name in enumerate(NAMES):
        macs = 100_000 * (i + 1)
        files[f"operators-{name}-float32"] = operators(name, 10.0 * (i + 1), macs)
        files[f"layers-cpu-jax-{name}"] = layers(name, macs)
    seed = {"seed_cnn-float32": latency(100.0), "seed_cnn-int8": latency(50.0)}
    files["operators-kws1-float32"] = operators("kws1", 10.0, 70_000)
    files["latency-kws1"] = seed | {"kws1-float32": latency(40.0), "kws1-int8": latency(10.0)}
    for name, values in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    write_tables(tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_speed_up_is_within_one_run(pages: Path) -> None:
    row = rows_of(pages / "speedup.csv")[0]
    assert (row["network"], row["over the seed"], row["over the int8 seed"]) == ("kws1", "2.50", "5.00")
    assert row["int8 over float32"] == "4.00"
    assert (pages / "speedup.png").stat().st_size > 1_000
    values = json.loads((pages / "latency.json").read_text())
    assert [(v["type"], v["speedup_over_seed"]) for v in values] == [("float32", 2.5), ("int8", 5.0)]


def test_table2_has_layers_beside_operators(pages: Path) -> None:
    rows = {(r["network"], r["profile"], r["category"]): r for r in rows_of(pages / "table2.csv")}
    keras = rows[("dscnn", "Keras CPU (jax)", "Conv2D")]
    assert float(keras["runtime_us"]) == 30.0 * 4  # a mean of 20 and 40 over trials, four passes
    assert float(keras["share"]) == pytest.approx(1 / 3)
    assert int(rows[("dscnn", "TFLite CPU float32", "BatchNorm")]["folded"]) == 1
    assert "folded (1)" in (pages / "table2.md").read_text()


def test_agreement_and_roofline(pages: Path) -> None:
    assert rows_of(pages / "agreement.csv")[0]["difference, each trial"] == "+1.0 %, -2.0 %, +3.0 %"
    assert rows_of(pages / "roofline.csv")[0]["knee float32, MACs/B"] == "1.00"
    assert (pages / "roofline-float32.png").exists()
    assert not (pages / "roofline-int8.png").exists()
    assert json.loads((pages / "roofline.json").read_text()) == LIMITS  # a measurement, never rewritten


def test_why_has_every_number(pages: Path) -> None:
    text = (pages / "why.md").read_text()
    assert "| dscnn | 0.0376 | 0.1507 | 4.0 | 3 | 100 k | 120 B | 50.23 |" in text
    assert "paper A, Pi 4B" in text
    assert "here, TFLite float32" in text
    assert "**efficientnet_b7 (second) against cnn (first), TFLite float32**" in text
    assert "| cnn | 20 µs | 0 µs | 0 µs | 0 µs | 0 µs | 0 µs | 2 µs | 0 µs |" in text


def test_pages_of_an_empty_folder(tmp_path: Path) -> None:
    write_tables(tmp_path)
    assert "Nothing was measured yet" in (tmp_path / "latency.md").read_text()
    assert not list(tmp_path.glob("*.png"))


def test_the_answer_to_paper_a_quotes_the_measurements_as_they_are() -> None:
    rows = {line for line in (ROOT / "docs" / "why-slow-on-cpu.md").read_text().splitlines() if line.startswith("| ")}
    pages = (PUBLISHED / "profile" / "why.md", *(PUBLISHED / "profile" / "gpu").glob("*/README.md"))
    computed = {line for page in pages for line in page.read_text().splitlines()}
    assert len(rows) > 15 and rows <= computed
