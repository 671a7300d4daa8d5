"""The table of files by LiteRT, from records made by hand: software is called software, a refusal is told."""

from pathlib import Path
from typing import Any

from benchmarks.profile.gpu.litert_table import litert_table
from tfkws.run_folder import write_json


def on_gpu(median_us: float, *, software: bool, whole: bool = True) -> dict[str, Any]:
    adapter = {"name": "A card", "software": software}
    return {
        "median_us": median_us,
        "acceleration": {
            "adapter": adapter, "fully_accelerated": whole, "without_transfer": {"median_us": median_us / 2},
            "largest_difference": 3e-8,
        },
    }  # fmt: skip


def test_rows_are_of_what_was_measured(tmp_path: Path) -> None:
    assert litert_table(tmp_path) is None
    write_json(tmp_path / "litert" / "kws12-litert-gpu.json", on_gpu(420.0, software=False))
    write_json(tmp_path / "litert" / "kws12-litert.json", {"median_us": 245.0, "acceleration": None})
    write_json(tmp_path / "litert" / "kws12-litert-gpu-half.json", on_gpu(400.0, software=False))
    write_json(tmp_path / "litert" / "dscnn-litert-gpu.json", on_gpu(9_000.0, software=True, whole=False))
    write_json(tmp_path / "litert" / "cnn-litert-gpu.json", {"refused": "No adapter: install one."})
    table = litert_table(tmp_path)
    assert table is not None
    assert {row[0]: row[1:] for row in table.rows} == {
        "kws12": ("420 µs", "210 µs", "400 µs", "245 µs", "3.0e-08", "A card, hardware"),
        "dscnn": ("9 ms", "4.5 ms", "", "", "3.0e-08", "A card, software adapter, partly on the CPU"),
        "cnn": ("", "", "", "", "", "No adapter: install one."),
    }
