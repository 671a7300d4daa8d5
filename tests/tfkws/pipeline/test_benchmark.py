"""Latencies are kept beside the model, also of a measurement that stops early."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import BenchmarkSettings
from tfkws.errors import ConfigError, TargetError
from tfkws.pipeline.benchmark import benchmark_by_program, benchmark_models, result_path
from tfkws.run_folder import read_json
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.targets.machine import read_machine
from tfkws.tflite.targets.timing_target import TimingTarget

SETTINGS = BenchmarkSettings(processes=2)


class Timer:
    """Opens a target that answers with the same time always, or loses its connection after so many answers.

    Args:
        answers: how many; None for any number.
        slow_threads: numbers of threads that take twice as long.
    """

    def __init__(self, answers: int | None = None, slow_threads: tuple[int, ...] = ()) -> None:
        self.answers = answers
        self.slow_threads = slow_threads

    @contextmanager
    def __call__(
        self, target: str, runtime: str, models: Sequence[Path], python: str, record: Path | None
    ) -> Iterator[TimingTarget]:
        yield TimingTarget(target, self.time_model, lambda: replace(read_machine(), cores=2))

    def time_model(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.answers is not None:
            if self.answers == 0:
                raise TargetError("The connection was lost.")
            self.answers -= 1
        time_ns = 20_000 if request["threads"] in self.slow_threads else 10_000
        return {"load_us": 10.0, "rss_before_bytes": 100, "peak_rss_bytes": 150, "warmup_ns": [9_000],
                "samples_ns": [time_ns] * 20, "runtime_version": "1.0"}  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of one ABS on one number."""
    path = tmp_path / "int8.tflite"
    path.write_bytes(NULL_MODEL)
    return path


def test_every_sample_lies_beside_the_model(model: Path) -> None:
    (result,) = benchmark_models([model], SETTINGS, open_timing_target=Timer())
    saved = read_json(model.parent / "benchmark-int8.json")
    assert saved["samples_ns"] == [[10_000] * 20] * 2
    assert saved["median_us"] == result.latency.median_us == 10.0


def test_a_whole_run_replaces_the_part_of_a_stopped_one(model: Path) -> None:
    partial = model.parent / "benchmark-int8.partial.json"
    with pytest.raises(TargetError):
        benchmark_models([model], SETTINGS, open_timing_target=Timer(answers=1))
    assert len(read_json(partial)["samples_ns"]) == 1
    assert not result_path(model, SETTINGS).exists()
    benchmark_models([model], SETTINGS, open_timing_target=Timer())
    assert not partial.exists()
    assert len(read_json(result_path(model, SETTINGS))["samples_ns"]) == 2


def test_the_file_of_the_best_number_of_threads_says_so(model: Path) -> None:
    settings = BenchmarkSettings(processes=1)
    (result,) = benchmark_models([model], settings, best_threads=True, open_timing_target=Timer(slow_threads=(1,)))
    assert result.settings.threads == 2
    assert (model.parent / "benchmark-int8-2threads.json").is_file()


def test_a_program_on_an_emulator_is_refused(model: Path) -> None:
    with pytest.raises(ConfigError, match="times there mean nothing"):
        benchmark_by_program([model], SETTINGS, target="qemu-aarch64")
    assert not list(model.parent.glob("binary-*"))
