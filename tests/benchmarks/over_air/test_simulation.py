"""The table of simulated detectors, from records made by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.over_air.simulation import CONDITIONS, SLOW, TRIALS, write_tables


def record(bundle: str, f1: float) -> dict[str, Any]:
    score = {"mean_f1": f1, "interval": [f1 - 0.1, f1 + 0.1], "latency_s": 0.0004}
    return {
        "bundle": f"{bundle}.kws",
        "trials": TRIALS.to_dict(),
        "clips": {"f1": 0.99, "interval": [0.98, 1.0]},
        "conditions": {name: score for name in CONDITIONS},
    }


def test_each_bundle_has_a_row_with_clips_beside_the_rooms(tmp_path: Path) -> None:
    for name, f1 in (("kws10-int8", 0.8), ("kws10-none", 0.7)):
        (tmp_path / f"{name}.json").write_text(json.dumps(record(name, f1)))
    write_tables(tmp_path)
    first, second = (tmp_path / "simulation.csv").read_text().splitlines()[1:]
    assert first.startswith('kws10-int8,400 µs,"99.0 % [98.0, 100.0] %","80.0 % [70.0, 90.0] %"')
    assert second.count("70.0 % [60.0, 80.0] %") == len(CONDITIONS)


def test_the_slow_device_is_paper_a_s() -> None:
    assert SLOW.latency_ms == pytest.approx(1_673.4)
    latencies = [device.latency_ms for _, device in CONDITIONS.values()]
    assert latencies.count(None) == len(CONDITIONS) - 2


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no records"):
        write_tables(tmp_path)
