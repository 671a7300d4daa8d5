"""The table of files by LiteRT, from records made by hand: software is called software, a refusal is told."""

from pathlib import Path
from typing import Any

import pytest
from gpu_records import on_core, on_gpu

from benchmarks.profile.gpu.litert_table import IN_FILE, litert_table
from benchmarks.zoo_files import COMMANDS, WAKE_WORD
from tfkws.errors import BenchmarkError, RunFolderError
from tfkws.run_folder import write_json

NO_DRIVER = "No GPU can be used: Vulkan finds no driver; install the GPU's."


def put(folder: Path, name: str, record: dict[str, Any]) -> None:
    write_json(folder / "litert" / f"{name}.json", record)


def note_of(folder: Path) -> str:
    table = litert_table(folder)
    assert table is not None
    return table.note


def rows_of(folder: Path) -> dict[str, dict[str, str]]:
    table = litert_table(folder)
    assert table is not None
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_the_same_file_stands_on_the_card_beside_a_core(tmp_path: Path) -> None:
    put(tmp_path, "kws12-litert-gpu", on_gpu(420.0))
    put(tmp_path, "kws12-litert-gpu-half", on_gpu(400.0, off=3e-5))
    put(tmp_path, "kws12-litert", on_core(210.0))
    row = rows_of(tmp_path)["kws12"]
    times = [row[name] for name in ("GPU, float32", "GPU, half", "one core there", "GPU / core")]
    assert times == ["420 µs", "400 µs", "210 µs", "2.00"]
    others = [row[name] for name in ("without transfer", "transfer", "off by", "off by, half")]
    assert others == ["210 µs", "50 %", "3.0e-08", "3.0e-05"]
    assert [row[name] for name in IN_FILE] == ["840 µs", "9 ms", "50 ms"]
    assert row["remark"] == "A card, hardware"
    assert "One core: A core, threads: 1." in note_of(tmp_path)


def test_a_software_adapter_is_called_one_and_held_against_no_core(tmp_path: Path) -> None:
    put(tmp_path, "dscnn-litert-gpu", on_gpu(9_000.0, software=True, whole=False))
    put(tmp_path, "dscnn-litert", on_core(200.0))
    row = rows_of(tmp_path)["dscnn"]
    assert row["remark"] == "A card, software adapter; partly on the CPU in float32"
    assert (row["GPU, float32"], row["GPU / core"]) == ("9 ms", "")


@pytest.mark.parametrize(("off", "told"), [(0.1, "answers NOT within the tolerance"), (None, "an answer is no number")])
def test_answers_beyond_the_tolerance_are_told(tmp_path: Path, off: float | None, told: str) -> None:
    put(tmp_path, "kws1-litert-gpu", on_gpu(100.0, off=off))
    put(tmp_path, "kws1-litert-gpu-half", on_gpu(100.0))
    assert rows_of(tmp_path)["kws1"]["remark"] == f"A card, hardware; {told} in float32"


def test_what_is_missing_or_refused_is_a_row_that_says_so(tmp_path: Path) -> None:
    put(tmp_path, "cnn-litert-gpu", {"refused": "LiteRT's GPU accelerator refuses the file (memory); use litert."})
    put(tmp_path, "cnn-litert", on_core(9.0))
    rows = rows_of(tmp_path)
    assert set(rows) == {*COMMANDS, *WAKE_WORD}
    assert rows["cnn"]["remark"] == "LiteRT's GPU accelerator refuses the file (memory); use litert."
    assert (rows["cnn"]["GPU, float32"], rows["cnn"]["one core there"]) == ("", "9 µs")
    assert rows["kws3"]["remark"] == "not measured" and not any(list(rows["kws3"].values())[1:-1])


def test_a_reason_that_several_share_stands_once_below(tmp_path: Path) -> None:
    for name in ("kws1", "kws2"):
        for runtime in ("litert-gpu", "litert-gpu-half"):
            put(tmp_path, f"{name}-{runtime}", {"refused": NO_DRIVER})
    assert {rows_of(tmp_path)[name]["remark"] for name in ("kws1", "kws2")} == {"refused (1)"}
    assert note_of(tmp_path).endswith(f" (1) {NO_DRIVER}")


def test_runs_that_warn_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "kws1-litert", on_core(9.0) | {"warnings": ["runs scatter by 9 %"]})
    put(tmp_path, "kws2-litert", on_core(9.0) | {"warnings": []})
    assert "1 of 2 runs warn of scatter, load or answers" in note_of(tmp_path)


def test_a_card_without_files_has_no_table(tmp_path: Path) -> None:
    assert litert_table(tmp_path) is None
    put(tmp_path, "of-nobody-litert-gpu", on_gpu(1.0))
    assert litert_table(tmp_path) is None


def test_damaged_records_are_one_sentence(tmp_path: Path) -> None:
    put(tmp_path, "kws1-litert", {"median_us": 3.0})
    with pytest.raises(BenchmarkError, match=r"kws1-litert.json is no record of .*: it lacks p95_us, load_us; take it"):
        litert_table(tmp_path)
    (tmp_path / "litert" / "kws1-litert.json").write_text('{"median_us": 3')
    with pytest.raises(RunFolderError, match=r"kws1-litert.json is not valid JSON .*restore it from a copy"):
        litert_table(tmp_path)
