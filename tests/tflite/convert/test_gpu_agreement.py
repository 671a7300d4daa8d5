"""A converted file on a GPU beside the CPU: with made-up adapters and models, and on the software adapter."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lively_networks import clips, lively_file

from tfkws.config import GpuUse
from tfkws.errors import BenchmarkError, RuntimeUnavailableError
from tfkws.tflite.convert import gpu_agreement
from tfkws.tflite.convert.gpu_agreement import compare_on_gpu, gpu_is_wanted
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model

HARD, SOFT = {"name": "V3D 7.1", "software": False}, {"name": "SwiftShader", "software": True}


def refuse() -> list[dict[str, Any]]:
    raise RuntimeUnavailableError("No GPU can be used: no Vulkan loader. Install libvulkan1.")


@pytest.mark.parametrize(
    ("asked", "adapters", "wanted"),
    [
        ("auto", [HARD], True),
        ("auto", [SOFT, HARD], True),
        ("auto", [SOFT], False),
        ("auto", [], False),
        ("auto", None, False),
        ("yes", [SOFT], True),
        ("yes", [HARD], True),
        ("no", [HARD], False),
    ],
)
def test_hardware_answers_by_itself_and_software_when_asked(
    asked: GpuUse, adapters: list[dict[str, Any]] | None, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_agreement, "accelerator_library", Path)
    monkeypatch.setattr(gpu_agreement, "ask_vulkan", refuse if adapters is None else lambda: adapters)
    assert gpu_is_wanted(asked) is wanted


def test_a_gpu_that_is_asked_for_and_not_there_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_agreement, "accelerator_library", Path)
    monkeypatch.setattr(gpu_agreement, "ask_vulkan", refuse)
    with pytest.raises(RuntimeUnavailableError, match="no Vulkan loader"):
        gpu_is_wanted("yes")
    monkeypatch.setattr(gpu_agreement, "ask_vulkan", list)
    with pytest.raises(RuntimeUnavailableError, match=r"shows no adapter\. Install the GPU's driver"):
        gpu_is_wanted("yes")


def test_nobody_is_asked_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_agreement, "ask_vulkan", refuse)
    monkeypatch.setattr(gpu_agreement, "accelerator_library", refuse)
    assert not gpu_is_wanted("no") and not gpu_is_wanted("auto")


class Answering:
    """A GPU whose answers are off by so much."""

    def __init__(self, expected: np.ndarray, error: float) -> None:
        self.expected, self.error = expected, error
        self.accelerator = {
            "adapter": HARD,
            "fully_accelerated": False,
            "operators": {"gpu": 5, "cpu": 1, "refused": {"TILE": "No."}},
        }

    def predict(self, examples: np.ndarray) -> np.ndarray:
        return self.expected + self.error


def with_errors(monkeypatch: pytest.MonkeyPatch, errors: dict[str, float | None]) -> None:
    """Put made-up GPUs in the place of the runtimes; None crashes."""

    def opened(file: TfliteFile, runtime: str = "litert", load_check: bool = False) -> Any:
        if runtime == "litert":
            return open_model(file, load_check=load_check)
        error = errors[runtime]
        if error is None:
            raise BenchmarkError("LiteRT's GPU accelerator or the driver under it crashed (SIGSEGV).")
        expected = open_model(file, load_check=False)
        made = Answering(np.zeros(1), error)
        made.predict = lambda examples: expected.predict(examples) + error  # type: ignore[method-assign]
        return made

    monkeypatch.setattr(gpu_agreement, "open_model", opened)


def test_each_precision_has_its_own_tolerance(
    converted: Callable[[str], TfliteFile], maps: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_errors(monkeypatch, {"litert-gpu": 0.01, "litert-gpu-half": 0.01})
    full, half = compare_on_gpu(converted("none"), maps[:4])
    assert (full.precision, full.tolerance, full.within) == ("float32", 1e-4, False)
    assert (half.precision, half.tolerance, half.within) == ("half", 0.02, True)
    assert full.max_difference == pytest.approx(0.01, rel=1e-4)
    assert full.adapter == HARD and full.operators is not None and full.operators["refused"] == {"TILE": "No."}


def test_what_fails_or_gives_no_numbers_is_told_and_is_json(
    converted: Callable[[str], TfliteFile], maps: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_errors(monkeypatch, {"litert-gpu": None, "litert-gpu-half": float("nan")})
    full, half = compare_on_gpu(converted("int8"), maps[:4])
    assert (full.adapter, full.max_difference, full.within) == (None, None, False) and "SIGSEGV" in full.reason
    assert (half.max_difference, half.within, half.reason) == (None, False, "an answer is not a number")
    json.dumps([full.to_dict(), half.to_dict()], allow_nan=False)


@pytest.mark.usefixtures("software_gpu")
@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_on_the_software_adapter(converted: Callable[[str], TfliteFile], maps: np.ndarray, recipe: str) -> None:
    for answer in compare_on_gpu(converted(recipe), maps[:8]):
        assert answer.within and answer.fully_accelerated and not answer.reason and not answer.known_fault
        assert answer.adapter is not None and answer.adapter["software"]
        assert answer.max_difference is not None and answer.max_difference <= answer.tolerance


@pytest.mark.usefixtures("software_gpu")
def test_a_fault_that_is_known_is_named_where_answers_are_wrong() -> None:
    full, half = compare_on_gpu(lively_file("tc_resnet8", "int8"), clips())
    assert "ignores the stride" in full.known_fault == half.known_fault
    assert full.max_difference is not None and full.max_difference > full.tolerance and not full.within


@pytest.mark.usefixtures("software_gpu")
def test_the_software_adapter_answers_only_when_asked() -> None:
    assert gpu_is_wanted("yes") and not gpu_is_wanted("auto")
