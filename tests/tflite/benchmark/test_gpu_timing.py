"""The loop on a GPU, with a model in its place, and on the software adapter in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.benchmark import gpu_timing
from tfkws.tflite.benchmark.gpu_timing import FEWEST_RUNS, largest_difference, time_on_gpu
from tfkws.tflite.runtime.bare import Quantization

REQUEST = {"model": "made-up", "threads": 1, "kernels": "webgpu", "runtime": "litert-gpu", "seconds": 20,
           "warmup_runs": 2, "runs": 12}  # fmt: skip
FACTS = {"adapter": {"name": "V3D 7.1", "software": False}, "precision": "half", "fully_accelerated": True}


class Model:
    """Answers what it is given times a factor; stored as real / 0.5."""

    input_quantization = output_quantization = Quantization(np.dtype(np.int8), 0.5, 0)
    accelerator, load_us, runtime_version = FACTS, 7.0, "2.3"

    def __init__(self, factor: float) -> None:
        self.factor, self.seen = factor, list[Any]()

    def answer_batch(self, stored: np.ndarray) -> np.ndarray:
        self.seen.append(stored.ravel().tolist())
        return self.factor * stored


@pytest.mark.parametrize(("gpu", "expected"), [(1.0, 0.0), (3.0, 4.0), (float("nan"), None), (float("inf"), None)])
def test_the_largest_difference_is_of_real_numbers(
    gpu: float, expected: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_timing, "open_bare", lambda *settings: Model(1.0))
    batches = [np.array([[1]], np.int8), np.array([[-4]], np.int8), np.array([[2]], np.int8)]
    assert largest_difference(Model(gpu), REQUEST, batches) == expected  # type: ignore[arg-type]


def test_whole_runs_and_runs_alone_take_turns_on_all_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    model, alone = Model(1.0), []
    opened: list[str] = []

    def open_bare(path: str, threads: int, kernels: str, runtime: str, outlets: int) -> Model:
        opened.append(runtime)
        return model if runtime == "litert-gpu" else Model(1.5)

    monkeypatch.setattr(gpu_timing, "open_bare", open_bare)
    monkeypatch.setattr(gpu_timing, "driver_of", lambda name: f"driver of {name}")
    monkeypatch.setattr(gpu_timing, "_run_alone", lambda request, batch, precision: lambda: alone.append(precision))
    told = time_on_gpu(REQUEST, np.array([[0.5], [1.0], [2.0]], np.float32), lambda: 5)
    assert opened == ["litert-gpu", "litert"]
    assert (len(told["warmup_ns"]), len(told["samples_ns"])) == (2, 12)
    accelerator = told["accelerator"]
    assert len(accelerator["without_transfer_ns"]) == 12 and alone == ["half"] * 14
    assert accelerator["adapter"]["driver"] == "driver of V3D 7.1"
    assert accelerator["largest_difference"] == 0.5 * 2.0
    assert (told["load_us"], told["peak_rss_bytes"], told["runtime_version"]) == (7.0, 5, "2.3")
    assert model.seen[2:8] == [[1], [2], [4], [1], [2], [4]]


ALONE = """
import json, os, sys
import numpy as np
from tfkws.tflite.benchmark.gpu_timing import time_on_gpu
request = json.loads(sys.argv[1])
print(json.dumps(time_on_gpu(request, np.array([[-2.5]], np.float32), lambda: 1)), flush=True)
os._exit(0)
"""


@pytest.mark.usefixtures("software_gpu")
def test_a_file_on_the_software_adapter(abs_file: Path) -> None:
    asked = json.dumps({**REQUEST, "model": str(abs_file), "kernels": "xnnpack", "seconds": 0})
    done = subprocess.run([sys.executable, "-c", ALONE, asked], capture_output=True, encoding="utf-8", check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told["samples_ns"]) == len(told["accelerator"]["without_transfer_ns"]) == FEWEST_RUNS
    assert min(*told["samples_ns"], *told["accelerator"]["without_transfer_ns"]) > 0
    assert told["accelerator"]["largest_difference"] == 0.0 and told["accelerator"]["adapter"]["software"]
