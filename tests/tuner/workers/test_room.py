"""Room for trials, on machines made of files."""

import os
from pathlib import Path

import pytest

from tfkws.tuner.workers import room


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight cores and 16 GiB, 6 of them free; `cpu.max` and `memory.max` in its folder limit it."""
    (tmp_path / "meminfo").write_text("MemTotal: 16777216 kB\nMemAvailable: 6291456 kB\n")
    monkeypatch.setattr(room, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(room, "CGROUP", tmp_path)
    monkeypatch.setattr(room, "GPUS", (tmp_path / "gpu",))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    return tmp_path


def test_one_a_core_as_far_as_memory_goes(machine: Path) -> None:
    assert room.memory_here_mib() == 6 * 1024
    assert room.room_here() == 4
    (machine / "meminfo").write_text("MemAvailable: 62914560 kB\n")
    assert room.room_here() == 8
    (machine / "meminfo").write_text("MemAvailable: 1024 kB\n")
    assert room.room_here() == 1


@pytest.mark.parametrize(("quota", "cores"), [("max 100000", 8), ("150000 100000", 2), ("1600000 100000", 8), ("", 8)])
def test_a_share_of_the_cores(quota: str, cores: int, machine: Path) -> None:
    (machine / "cpu.max").write_text(quota)
    assert room.cores_here() == cores


@pytest.mark.parametrize(("limit", "mib"), [("max", 6_144), ("3221225472", 3_072), ("", 6_144)])
def test_a_share_of_the_memory(limit: str, mib: int, machine: Path) -> None:
    (machine / "memory.max").write_text(limit)
    assert room.memory_here_mib() == mib


def test_one_beside_a_graphics_processor_and_cores_alone_where_nothing_is_told(machine: Path) -> None:
    (machine / "meminfo").unlink()
    assert room.room_here() == 8
    (machine / "gpu").write_text("")
    assert room.room_here() == 1
