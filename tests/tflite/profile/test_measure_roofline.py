"""Models of one purpose against NumPy, and a cache that no other machine uses."""

import dataclasses
import json
from pathlib import Path

import pytest

from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.profile import measure_roofline as module
from tfkws.tflite.profile.measure_roofline import cache_bytes, measure_roofline, roofline_for
from tfkws.tflite.targets.machine import read_machine


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.002)
    monkeypatch.setattr(module, "SHAPES", ((4, 16), (8, 32)))
    monkeypatch.setattr(module, "MEMORY_BYTES", 1 << 20)
    monkeypatch.setattr(module, "cache_bytes", lambda: {"L2": 1 << 16, "L3": 1 << 18})


def test_limits_are_measured_with_when_and_what() -> None:
    limits = measure_roofline()
    assert set(limits.peak_macs_per_s) == {"float32", "int8"}
    assert all(rate > 1e6 for rate in limits.peak_macs_per_s.values())
    assert limits.peak_shapes["int8"].startswith("1 x 1 convolution")
    assert [level.name for level in limits.levels] == ["L2", "L3", "memory"]
    assert all(level.bytes_per_s > 1e6 for level in limits.levels)
    assert limits.numpy_macs_per_s > 1e6
    assert limits.when.startswith("20")
    assert limits.machine["cpu"] == read_machine().cpu
    assert Roofline.from_dict(json.loads(json.dumps(limits.to_dict()))) == limits


def test_the_cache_is_used_again_by_the_same_machine_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = roofline_for(folder=tmp_path)
    assert roofline_for(folder=tmp_path) == first
    assert len(list(tmp_path.iterdir())) == 1
    roofline_for(threads=2, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    other = dataclasses.replace(read_machine(), cpu="Another CPU")
    monkeypatch.setattr(module, "read_machine", lambda: other)
    assert roofline_for(folder=tmp_path).machine["cpu"] == "Another CPU"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_damaged_cache_is_measured_again(tmp_path: Path) -> None:
    roofline_for(folder=tmp_path)
    file = next(tmp_path.iterdir())
    for text in ("{", '{"levels": []}'):
        file.write_text(text)
        assert roofline_for(folder=tmp_path).levels
        assert json.loads(file.read_text())["levels"]


def test_cache_sizes_are_read(tmp_path: Path) -> None:
    for index, level, kind, size in ((0, 1, "Data", "32K"), (2, 2, "Unified", "1024K"), (3, 3, "Unified", "32M")):
        folder = tmp_path / f"sys/devices/system/cpu/cpu0/cache/index{index}"
        folder.mkdir(parents=True)
        for name, text in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(f"{text}\n")
    assert cache_bytes(tmp_path) == {"L2": 1 << 20, "L3": 32 << 20}


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    made_up = measure_roofline()
    monkeypatch.setattr(module, "measure_roofline", lambda kernels, threads: made_up)
    assert roofline_for(folder=tmp_path / "file" / "below") is made_up
