import argparse
from pathlib import Path

import pytest
from fake_voices import ToneEngine, install_engine

from benchmarks.voices import speed
from benchmarks.voices.speed import TOGETHER, VOICES, cpu_s, measure, write_tables
from tfkws.run_folder import read_json


def test_each_engine_is_timed_in_groups_and_word_by_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = install_engine(
        monkeypatch, ToneEngine("tones", [f"voice{number}" for number in range(20)], together=TOGETHER)
    )
    monkeypatch.setattr(speed, "available_engines", lambda: ["tones"])
    measure(argparse.Namespace(out=tmp_path))
    assert [len(group) for group in fake.asked] == [1, *[TOGETHER] * VOICES, *[1] * VOICES * TOGETHER]
    found = read_json(tmp_path / "speed.json")["engines"]["tones"]
    assert 0 <= found["together"] < 1 and 0 <= found["alone"] < 1
    write_tables(tmp_path)
    assert f"| tones | {found['together']:.3f} | {found['alone']:.3f} |" in (tmp_path / "speed.md").read_text()


def test_cpu_time_is_that_of_the_call() -> None:
    assert cpu_s(lambda: None) < 0.1
    assert cpu_s(lambda: [number**2 for number in range(4_000_000)] and None) > 0.1
