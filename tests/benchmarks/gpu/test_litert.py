"""A file whose weights are drawn anew, on a GPU's runtime: what computed it, how far from the CPU, or why not."""

from pathlib import Path

import pytest

from benchmarks.gpu.litert import measure
from benchmarks.gpu.prepared import FILES
from benchmarks.gpu.steps import _litert as sentence
from benchmarks.gpu.weightless import save_weightless
from tfkws.run_folder import write_json


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import get_recipe

    content = convert(build_model("seed_cnn", (16, 12, 1), 4, convs="3x3,32 1x1,64"), get_recipe("none")).content
    (tmp_path / FILES).mkdir()
    save_weightless(tmp_path / FILES / "small.bin", content)
    return tmp_path


@pytest.mark.usefixtures("software_gpu")
def test_a_software_adapter_computes_the_cpus_answer_and_is_called_one(folder: Path) -> None:
    result = measure(folder, "small", "litert-gpu", runs=3)
    found = result["acceleration"]
    assert found["adapter"]["software"] and found["fully_accelerated"]
    assert found["largest_difference"] < 1e-5 and result["median_us"] > 0
    write_json(folder / "x.json", result)
    assert sentence(folder / "x.json").endswith("on a software adapter, which says nothing about a GPU")


def test_without_an_adapter_the_record_says_the_mend(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", "/nonexistent.json")
    monkeypatch.setenv("VK_ICD_FILENAMES", "/nonexistent.json")
    result = measure(folder, "small", "litert-gpu", runs=3)
    assert "No GPU can be used" in result["refused"]
    write_json(folder / "x.json", result)
    assert sentence(folder / "x.json") == result["refused"]


def test_the_cpus_runtime_needs_no_adapter(folder: Path) -> None:
    result = measure(folder, "small", "litert", runs=3)
    assert result["median_us"] > 0 and not result.get("acceleration")
