"""The orchestration with a place that replays recorded times, and one real child process."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from odd_files import odd_file

from tfkws.config import BenchmarkSettings
from tfkws.errors import BenchmarkError, TargetError, TfliteFileError
from tfkws.tflite.benchmark.latency import (
    BenchmarkResult,
    benchmark,
    benchmark_all,
    check_result,
    pick_threads,
    ratio,
)
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.targets.machine import read_machine
from tfkws.tflite.targets.timing_target import TimingTarget


class Replay:
    """Answers requests with recorded samples, and remembers the requests."""

    def __init__(self, microseconds: Sequence[float]) -> None:
        self.microseconds = list(microseconds)
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(dict(request, shape=np.load(request["examples"]).shape))
        time_ns = int(1_000 * self.microseconds[len(self.requests) - 1])
        return {"load_us": 10.0 * len(self.requests), "rss_before_bytes": 100, "peak_rss_bytes": 150,
                "warmup_ns": [9_000], "samples_ns": [time_ns] * 20, "runtime_version": "1.0"}  # fmt: skip


def at(run_child: Callable[[dict[str, Any]], dict[str, Any]]) -> TimingTarget:
    return TimingTarget("somewhere", run_child, read_machine)


def test_models_take_turns_and_every_sample_is_kept(
    int8_file: Path, converted: Callable[[str], TfliteFile], tmp_path: Path
) -> None:
    other = tmp_path / "none.tflite"
    other.write_bytes(converted("none").content)
    replay = Replay([10, 20, 11, 21, 12, 22])
    done = []
    first, second = benchmark_all([int8_file, other], target=at(replay), on_process=lambda: done.append(1))
    assert first.samples_ns == ((10_000,) * 20, (11_000,) * 20, (12_000,) * 20)
    assert first.latency.median_us == 11.0
    assert second.latency.median_us == 21.0
    assert first.load_us == 30.0  # the median of 10, 30, 50
    assert len(done) == 6
    assert {request["shape"] for request in replay.requests} == {(16, 8, 6, 1)}
    assert first.input_source == "noise, seed 0"
    assert "processes differ" in first.warnings[0]
    assert json.loads(json.dumps(first.to_dict()))["threads"] == 1


def test_own_examples_are_used(int8_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "maps.npy", np.zeros((4, 8, 6, 1), np.float32))
    replay = Replay([10, 10, 10])
    result = benchmark(int8_file, examples=tmp_path / "maps.npy", target=at(replay))
    assert result.input_source.endswith("maps.npy")
    assert replay.requests[0]["shape"] == (4, 8, 6, 1)


@pytest.mark.parametrize("shape", [(4, 6, 8, 1), (0, 8, 6, 1)])
def test_foreign_examples_are_refused(shape: tuple[int, ...], int8_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "maps.npy", np.zeros(shape, np.float32))
    with pytest.raises(BenchmarkError, match="must hold maps"):
        benchmark(int8_file, examples=tmp_path / "maps.npy", target=at(Replay([1])))


def test_examples_that_are_no_array_are_refused(int8_file: Path, tmp_path: Path) -> None:
    (tmp_path / "maps.npy").write_text("text")
    with pytest.raises(BenchmarkError, match="cannot be read"):
        benchmark(int8_file, examples=tmp_path / "maps.npy", target=at(Replay([1])))


def test_likes_are_compared(int8_file: Path) -> None:
    slow = benchmark(int8_file, target=at(Replay([30] * 3))).to_dict()
    fast = json.loads(json.dumps(benchmark(int8_file, target=at(Replay([10] * 3))).to_dict()))
    assert ratio(slow, fast) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"threads": 4}, "threads"), ({"kernels": "builtin"}, "kernels"), ({"runtime_version": "2"}, "runtime_version"),
     ({"before": {"cpu": "another"}}, "cpu")],
)  # fmt: skip
def test_unlike_runs_are_not_compared(change: dict[str, Any], word: str, int8_file: Path) -> None:
    one = benchmark(int8_file, target=at(Replay([10] * 3))).to_dict()
    other = one | change
    other["before"] = one["before"] | change.get("before", {})
    with pytest.raises(BenchmarkError, match=f"not measured alike: {word} differ"):
        ratio(one, other)


def test_threads_are_picked_by_the_tail(int8_file: Path) -> None:
    """Two threads: a lower median and a long tail, as two cores do to a small network."""
    samples = {1: [24_000] * 100, 2: [20_000] * 90 + [267_000] * 10}

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return Replay([1])(request) | {"samples_ns": samples[request["threads"]]}

    best, tails = pick_threads(int8_file, BenchmarkSettings(), (1, 2), target=at(answer))
    assert best == 1
    assert tails == {1: 24.0, 2: 267.0}


class Failing(Replay):
    """Fails at the end of the recorded times."""

    def __init__(self, microseconds: Sequence[float], error: BaseException) -> None:
        super().__init__(microseconds)
        self.error = error

    def __call__(self, request: dict[str, Any]) -> dict[str, Any]:
        if len(self.requests) == len(self.microseconds):
            raise self.error
        return super().__call__(request)


@pytest.mark.parametrize("error", [TargetError("The connection was lost."), KeyboardInterrupt()])
def test_what_finished_before_a_failure_is_kept(
    error: BaseException, int8_file: Path, converted: Callable[[str], TfliteFile], tmp_path: Path
) -> None:
    other = tmp_path / "none.tflite"
    other.write_bytes(converted("none").content)
    kept: dict[Path, BenchmarkResult] = {}
    with pytest.raises(type(error)):
        benchmark_all([int8_file, other], target=at(Failing([10, 20, 11], error)), on_stop=kept.update)
    first, second = kept[int8_file], kept[other]
    assert first.samples_ns == ((10_000,) * 20, (11_000,) * 20)
    assert second.samples_ns == ((20_000,) * 20,)
    assert first.target == "somewhere"
    assert first.warnings[0] == f"stopped after 2 of 3 processes: {str(error) or 'Ctrl-C'}"
    assert second.warnings[0].startswith("stopped after 1 of 3")


def test_nothing_is_kept_where_nothing_finished(int8_file: Path) -> None:
    kept: list[dict[Path, BenchmarkResult]] = []
    with pytest.raises(TargetError):
        benchmark(int8_file, target=at(Failing([], TargetError("Gone."))))
    with pytest.raises(TargetError):
        benchmark_all([int8_file], target=at(Failing([], TargetError("Gone."))), on_stop=kept.append)
    assert kept == [{}]


def test_a_real_child_process(int8_file: Path) -> None:
    result = benchmark(int8_file, BenchmarkSettings(processes=1, warmup_runs=5, runs=25))
    assert [len(process) for process in result.samples_ns] == [25]
    assert [len(process) for process in result.warmup_ns] == [5]
    assert 0.1 < result.latency.median_us < 10_000
    assert result.load_us > 1
    assert result.peak_rss_bytes >= result.rss_before_bytes > 1 << 20
    assert result.model_sha256
    assert result.size_bytes == int8_file.stat().st_size


def test_a_failing_child_is_one_sentence(int8_file: Path) -> None:
    with pytest.raises(BenchmarkError, match="No runtime is called"):
        benchmark(int8_file, BenchmarkSettings(runtime="onnx", processes=1))


def test_damaged_and_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(b"none")
    with pytest.raises(TfliteFileError):
        benchmark(tmp_path / "a.tflite", target=at(Replay([1])))
    with pytest.raises(BenchmarkError, match="convert the model first"):
        benchmark(tmp_path / "model.keras", target=at(Replay([1])))


def odd_path(name: str, folder: Path) -> Path:
    """A file of the zoo on disk."""
    path = folder / f"{name}.tflite"
    path.write_bytes(odd_file(name))
    return path


@pytest.mark.parametrize(
    "name",
    ["two_inputs", "two_outputs", "scalars", "streaming", "fused_lstm", "gru", "signature", "hash_table", "int16"],
)
def test_odd_files_are_timed_by_a_real_process(name: str, tmp_path: Path) -> None:
    result = benchmark(odd_path(name, tmp_path), BenchmarkSettings(processes=1, warmup_runs=2, runs=10))
    assert len(result.samples_ns[0]) == 10 and result.latency.median_us > 0
    assert result.keeps_state == (name in ("streaming", "fused_lstm"))


def test_an_open_batch_is_told_and_another_is_taken_when_asked_for(tmp_path: Path) -> None:
    path = odd_path("dynamic_batch", tmp_path)
    replay = Replay([10] * 6)
    one = benchmark(path, target=at(replay))
    four = benchmark(path, target=at(replay), shapes=["4,12,6"])
    assert list(one.input_shapes.values()) == [(1, 12, 6)]
    assert list(four.input_shapes.values()) == [(4, 12, 6)]
    assert "batch" not in replay.requests[0]
    assert (replay.requests[3]["batch"], replay.requests[3]["shape"]) == (4, (64, 12, 6))
    assert one.model_sha256 == four.model_sha256 == TfliteFile(odd_file("dynamic_batch")).sha256


def test_a_batch_of_four_runs(tmp_path: Path) -> None:
    settings = BenchmarkSettings(processes=1, warmup_runs=2, runs=10)
    result = benchmark(odd_path("dynamic_batch", tmp_path), settings, shapes=["4,12,6"])
    assert len(result.samples_ns[0]) == 10


def test_an_open_length_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="is open; say what to measure by --shape 1,N,6"):
        benchmark(odd_path("dynamic_time", tmp_path), target=at(Replay([1])))


def test_own_examples_are_for_one_input(tmp_path: Path) -> None:
    np.save(tmp_path / "maps.npy", np.zeros((4, 12, 6), np.float32))
    with pytest.raises(BenchmarkError, match="--input is for files with one input. This one has 2"):
        benchmark(odd_path("two_inputs", tmp_path), examples=tmp_path / "maps.npy", target=at(Replay([1])))


@pytest.mark.parametrize("acceleration", [3, "x", [1], True])
def test_an_earlier_result_with_a_damaged_acceleration_is_refused(acceleration: Any) -> None:
    path = Path(__file__).parents[3] / "artifacts" / "published" / "first_run" / "benchmark-int8.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    check_result(values, path.name)
    with pytest.raises(BenchmarkError, match="acceleration must"):
        check_result(values | {"acceleration": acceleration}, path.name)
