from pathlib import Path

import numpy as np
import soundfile
from fake_bundles import write_loudness_bundle

from benchmarks.over_air.long_run import endless, hear_by_the_clock, hear_hours, noted, tables

RATE = 16_000
SIGNAL = np.concatenate([np.zeros(2 * RATE), 0.5 * np.sin(np.arange(RATE) / 3), np.zeros(2 * RATE)])


def test_hours_are_heard_and_memory_is_noted(tmp_path: Path) -> None:
    bundle, audio = write_loudness_bundle(tmp_path / "loud.kws"), tmp_path / "a.wav"
    soundfile.write(audio, SIGNAL, RATE)
    run = hear_hours(bundle, [audio], 20 / 3_600)
    assert (run["answered"], run["dropped"], run["detections"]) == (191, 0, 4)
    assert len(run["memory_mib"]) == 1
    assert 20 < run["memory_last_mib"] <= run["memory_most_mib"] + 1
    assert run["times_real_time"] > 1


def test_delay_by_the_clock(tmp_path: Path) -> None:
    bundle, audio = write_loudness_bundle(tmp_path / "loud.kws"), tmp_path / "a.wav"
    soundfile.write(audio, SIGNAL, RATE)
    delay = hear_by_the_clock(bundle, [audio], 2 / 60)
    assert 0 < delay["median_ms"] <= delay["p99_ms"] <= delay["longest_ms"]
    assert delay["answers_seen"] >= 5


def test_memory_is_noted_each_hour_and_at_the_end() -> None:
    memory: list[float] = []
    blocks = (np.zeros(60 * RATE, np.float32) for _ in range(1_000))
    heard = sum(len(block) for block in noted(blocks, RATE, 2.5, memory))
    assert heard == 2.5 * 3_600 * RATE
    assert len(memory) == 3


def test_files_follow_each_other_again_and_again(tmp_path: Path) -> None:
    for name, value in (("a", 0.1), ("b", 0.2)):
        soundfile.write(tmp_path / f"{name}.wav", np.full(RATE, value), RATE, subtype="FLOAT")
    blocks = endless([tmp_path / "a.wav", tmp_path / "b.wav"], RATE)
    heard = np.concatenate([next(blocks) for _ in range(33)])
    assert [round(float(heard[at]), 3) for at in (100, 17_000, 33_000)] == [0.1, 0.2, 0.1]


def test_tables() -> None:
    run = {
        "detector": "kws10-int8", "hours": 24.0, "times_real_time": 151.2, "cpu_share": 0.0066, "answered": 863_991,
        "dropped": 0, "memory_first_mib": 71.0, "memory_last_mib": 71.4, "memory_most_mib": 72.0,
    }  # fmt: skip
    delay = {
        "detector": "kws10-int8", "minutes": 5.0, "cpu_share": 0.017, "median_ms": 1.5, "p99_ms": 2.0,
        "longest_ms": 6.0, "dropped": 0, "lost_s": 0.0,
    }  # fmt: skip
    day, clock = tables([{"run": run, "delay": delay}])
    assert day.rows == (("kws10-int8", "24", "151", "0.66 %", "863,991", "0", "71.0", "71.4", "72.0"),)
    assert clock.rows == (("kws10-int8", "5", "1.70 %", "1.5", "2.0", "6.0", "0", "0.00"),)
