"""What processes on a GPU said, summarised; and a real benchmark on the software adapter."""

import json
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import BenchmarkSettings
from tfkws.errors import BenchmarkError
from tfkws.tflite.benchmark.acceleration import acceleration_of
from tfkws.tflite.benchmark.latency import benchmark, ratio
from tfkws.tflite.file.small_models import pointwise_convolution
from tfkws.tflite.targets.machine import read_machine
from tfkws.tflite.targets.session import SignalError, TooSlowError
from tfkws.tflite.targets.timing_target import TimingTarget
from tfkws.views.latency import latency_table

ADAPTER = {"name": "V3D 7.1", "vendor": "broadcom", "architecture": "", "backend": "Vulkan",
           "kind": "Integrated GPU", "software": False, "driver": "Mesa 25"}  # fmt: skip


def answer(
    first_ns: int = 9_000, alone_ns: int = 3_000, difference: float | None = 0.0, **changes: Any
) -> dict[str, Any]:
    """What one process of a GPU answers, as far as it is summarised."""
    facts = {"adapter": ADAPTER, "precision": "float32", "fully_accelerated": True,
             "operators": {"gpu": None, "cpu": None, "refused": {}}, "without_transfer_ns": [alone_ns] * 4,
             "largest_difference": difference}  # fmt: skip
    return {"warmup_ns": [first_ns, 1], "accelerator": {**facts, **changes}}


def test_processes_are_put_together() -> None:
    made = acceleration_of([answer(8_000, 2_000, 1e-6), answer(10_000, 4_000, 3e-6)], True, False)
    assert made is not None
    assert (made.first_call_us, made.without_transfer.median_us, made.largest_difference) == (9.0, 3.0, 3e-6)
    assert (made.software, made.warnings(), made.tolerance) == (False, (), 1e-4)
    assert acceleration_of([{"warmup_ns": [1]}], True, False) is None


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"adapter": {**ADAPTER, "software": True}}, "a software adapter computed: these times say nothing"),
        ({"difference": 0.3}, "an answer differs from the CPU's by 0.3, more than 0.0001: score it with"),
        ({"difference": None}, "an answer is not a number"),
        (
            {"fully_accelerated": False, "operators": {"gpu": 3, "cpu": 2, "refused": {"TILE": "No."}}},
            "2 of 5 operators ran on the CPU (TILE)",
        ),
        (
            {"fully_accelerated": False, "operators": {"gpu": None, "cpu": None, "refused": {}}},
            "some operators ran on the CPU (the accelerator does not say which)",
        ),
    ],
)
def test_what_makes_the_figures_doubtful_is_said(changes: dict[str, Any], warning: str) -> None:
    made = acceleration_of([answer(**changes)], True, False)
    assert made is not None
    assert made.warnings()[0].startswith(warning)


LOST = "W0000 device.cc:7] vkQueueSubmit failed with VK_ERROR_DEVICE_LOST"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SignalError("local", 6, ""), "accelerator or the driver under it crashed (SIGABRT); install a newer driver"),
        (SignalError("local", 11, ""), "crashed (SIGSEGV); install a newer driver of the GPU, or use --runtime litert"),
        (SignalError("local", 6, LOST), "stopped in the middle: the device was lost; let the GPU cool"),
        (SignalError("local", 9, LOST), "was killed, mostly because memory ran out"),
        (
            TooSlowError("local", 600),
            "did not answer within 600 s; install a newer driver of the GPU",
        ),
    ],
)
def test_a_process_that_a_driver_ended_or_let_hang_is_told_as_such(error: Any, sentence: str, abs_file: Path) -> None:
    def fail(request: dict[str, Any]) -> dict[str, Any]:
        raise error

    target = TimingTarget("local", fail, read_machine)
    with pytest.raises(BenchmarkError) as on_gpu:
        benchmark(abs_file, BenchmarkSettings(runtime="litert-gpu", processes=1), target=target)
    assert sentence in str(on_gpu.value) and "kernels" not in str(on_gpu.value)
    with pytest.raises(BenchmarkError) as on_cpu:
        benchmark(abs_file, BenchmarkSettings(processes=1), target=target)
    assert on_cpu.value is error


@pytest.mark.usefixtures("software_gpu")
def test_a_benchmark_on_the_software_adapter(int8_file: Path) -> None:
    settings = BenchmarkSettings(runtime="litert-gpu", processes=2, warmup_runs=2, runs=12)
    result = benchmark(int8_file, settings)
    made = result.acceleration
    assert made is not None
    assert (made.software, made.fully_accelerated, made.precision, made.is_copy) == (
        True,
        True,
        "float32",
        False,
    )
    assert made.largest_difference is not None and made.largest_difference <= made.tolerance == 8 / 256
    assert made.first_call_us == pytest.approx(sum(each[0] for each in result.warmup_ns) / 2e3)
    assert made.without_transfer.runs == result.latency.runs == 24
    assert result.load_us > 1_000 and result.peak_rss_bytes > result.rss_before_bytes
    values = json.loads(json.dumps(result.to_dict()))
    assert (values["kernels"], values["acceleration"]["adapter"]["backend"]) == ("webgpu", "Vulkan")
    table = latency_table([values])
    assert all("software" in row[0] for row in table.rows)
    assert "SwiftShader" in table.note and "(software adapter), float32" in table.note
    plain = benchmark(int8_file, BenchmarkSettings(processes=1, warmup_runs=1, runs=10)).to_dict()
    assert "acceleration" not in plain and plain["kernels"] == "xnnpack"
    with pytest.raises(BenchmarkError, match="not measured alike: runtime, kernels, adapter, precision differ"):
        ratio(plain, values)


def test_without_a_gpu_it_is_one_sentence(int8_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(name, str(tmp_path / "none.json"))
    with pytest.raises(BenchmarkError, match=r"No GPU can be used: .*; install"):
        benchmark(int8_file, BenchmarkSettings(runtime="litert-gpu", processes=1))


@pytest.mark.usefixtures("software_gpu")
@pytest.mark.parametrize(("runtime", "told"), [("litert-gpu", True), ("litert", False)])
def test_operators_that_a_gpu_computes_wrongly_are_told(runtime: str, told: bool, tmp_path: Path) -> None:
    path = tmp_path / "strided.tflite"
    path.write_bytes(pointwise_convolution("int8", side=4, channels=1, stride=2))
    result = benchmark(path, BenchmarkSettings(runtime=runtime, processes=1, warmup_runs=1, runs=10))
    assert any("ignores the stride of int8 convolutions" in warning for warning in result.warnings) is told
