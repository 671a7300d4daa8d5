"""The loop that times models, in this process."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.benchmark import timing_loop
from tfkws.tflite.benchmark.timing_loop import FEWEST_RUNS, time_model, time_models_in_turns
from tfkws.tflite.runtime.bare import Quantization

SETTINGS = {"runtime": "litert", "kernels": "xnnpack", "threads": 1}


def request(model: Path, examples: np.ndarray, **changes: Any) -> dict[str, Any]:
    """Ask for 5 runs of warm-up and 30 timed ones of a model on examples, which are stored beside it."""
    path = model.with_suffix(".npy")
    np.save(path, examples)
    asked = {"model": str(model), "examples": str(path), "warmup_runs": 5, "runs": 30, "seconds": 20}
    return {**SETTINGS, **asked, **changes}


def test_every_run_is_kept_and_warm_up_is_apart(abs_file: Path) -> None:
    answer = time_model(request(abs_file, np.zeros(3, np.float32)))
    assert (len(answer["warmup_ns"]), len(answer["samples_ns"])) == (5, 30)
    assert min(answer["samples_ns"]) > 0
    assert answer["load_us"] > 0
    assert answer["peak_rss_bytes"] >= answer["rss_before_bytes"] > 1 << 20


def test_ten_runs_are_made_however_long_they_take(abs_file: Path) -> None:
    answer = time_model(request(abs_file, np.zeros(3, np.float32), seconds=0))
    assert (len(answer["warmup_ns"]), len(answer["samples_ns"])) == (5, FEWEST_RUNS)


def test_examples_take_turns_in_the_type_of_the_file(abs_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose inputs are stored as real / 0.5 + 1."""

    class Model:
        input_quantization = Quantization(np.dtype(np.int8), 0.5, 1)
        load_us, runtime_version = 1.0, "1"
        seen: list[list[int]] = []

        def set_stored_input(self, stored: np.ndarray) -> None:
            self.seen.append(stored.tolist())

        def invoke(self) -> None:
            """Take no time."""

    monkeypatch.setattr(timing_loop, "open_bare", lambda *settings: Model())
    time_model(request(abs_file, np.array([0.0, 1.0, 2.0], np.float32), warmup_runs=1, runs=4))
    assert Model.seen == [[1], [1], [3], [5], [1]]  # the warm-up and the timed runs each begin at the first


def test_models_in_turns_have_as_many_samples_each(abs_file: Path, int8_file: Path) -> None:
    answer = time_models_in_turns({**SETTINGS, "models": [str(abs_file), str(int8_file)], "runs": 7})
    assert [len(samples) for samples in answer["samples_ns"]] == [7, 7]
    assert min(map(min, answer["samples_ns"])) > 0
