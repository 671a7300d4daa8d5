"""Latency: timed with a detector, or read from a benchmark's record."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_bundles import loudness_bundle

from tfkws.detect.detector import Detector
from tfkws.detect.over_air.latency import recorded_latency_s, timed_latency_s
from tfkws.errors import ConfigError, DataError, RunFolderError


def test_timing_tells_how_long_one_window_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = Detector(loudness_bundle())
    answers = detector.answers

    def slow(samples: np.ndarray) -> Any:
        time.sleep(0.01)
        return answers(samples)

    monkeypatch.setattr(detector, "answers", slow)
    assert 0.01 <= timed_latency_s(detector) < 0.1
    assert detector.samples_seen == 0


def test_a_record_of_a_benchmark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "benchmark-int8.json"
    path.write_text(json.dumps({"latency": {"median_us": 216.8}}))
    assert recorded_latency_s(path) == pytest.approx(216.8e-6)


@pytest.mark.parametrize(
    "record", [{}, [], {"latency": 3}, {"latency": {"median_us": "3"}}, {"latency": {"median_us": -1}}]
)
def test_other_files_are_refused(tmp_path: Path, record: Any) -> None:
    (tmp_path / "other.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match="no record of `tfkws benchmark`"):
        recorded_latency_s(tmp_path / "other.json")
    with pytest.raises(RunFolderError):
        recorded_latency_s(tmp_path / "none.json")


@pytest.mark.parametrize("acceleration", [3, "x", [1], {"adapter": 3}, {"adapter": "llvmpipe"}])
def test_a_damaged_acceleration_is_one_sentence(acceleration: Any, tmp_path: Path) -> None:
    path = tmp_path / "benchmark-x.json"
    path.write_text(json.dumps({"latency": {"median_us": 9.0}, "acceleration": acceleration}), encoding="utf-8")
    with pytest.raises(ConfigError, match="(acceleration|adapter) must"):
        recorded_latency_s(path)
