"""Models of one purpose against NumPy, and a cache that no other machine uses."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tfkws.cost import count
from tfkws.profiling.explain.roofline import Roofline
from tfkws.tflite.file.small_models import chain, pointwise_convolution
from tfkws.tflite.profile import measure_roofline as module
from tfkws.tflite.profile.measure_roofline import cache_bytes, measure_roofline, roofline_for
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.targets.machine import read_machine


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.002)
    monkeypatch.setattr(module, "SHAPES", ((4, 16), (8, 32)))
    monkeypatch.setattr(module, "MEMORY_BYTES", 1 << 20)
    monkeypatch.setattr(module, "cache_bytes", lambda: {"L2": 1 << 16, "L3": 1 << 18})


def test_the_large_convolution_computes_a_matrix_product() -> None:
    content = pointwise_convolution("float32", 3, 5)
    weights = np.random.default_rng(0).normal(size=(5, 1, 1, 5)).astype(np.float32)[:, 0, 0]
    example = np.random.default_rng(1).normal(size=(1, 3, 3, 5)).astype(np.float32)
    model = open_model(content)
    model.set_stored_input(example)
    model.invoke()
    output = model.tensor(model.graph.outputs[0])
    assert np.allclose(output, example @ weights.T, atol=1e-5)
    assert count(content).macs == 3 * 3 * 5 * 5


def test_the_int8_convolution_is_int8_and_right() -> None:
    content = pointwise_convolution("int8", 3, 5)
    weights = np.random.default_rng(0).integers(-127, 128, (5, 1, 1, 5)).astype(np.int8)[:, 0, 0]
    example = np.random.default_rng(1).integers(-100, 100, (1, 3, 3, 5)).astype(np.int8)
    model = open_model(content)
    model.set_stored_input(example)
    model.invoke()
    exact = 0.01 * (example.astype(int) @ weights.T.astype(int))
    assert np.abs(model.tensor(model.graph.outputs[0]) - np.clip(np.round(exact), -128, 127)).max() <= 1
    assert count(content).macs == 3 * 3 * 5 * 5


def test_a_chain_has_so_many_operators() -> None:
    assert [op.opcode for op in open_model(chain(7)).graph.ops] == ["ABS"] * 7


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
