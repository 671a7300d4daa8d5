from typing import Any

from tfkws.views.wakeword import wakeword_tables

RECORD: dict[str, Any] = {
    "settings": {"phrase": "hey computer"},
    "validation": {
        "misses": 3,
        "utterances": 60,
        "missed_interval": [0.01, 0.14],
        "false_accepts": {"events": 3, "hours": 6.0, "interval": [0.1, 1.4]},
    },
    "detector": {"threshold": 0.8125, "window_ms": 200.0},
    "model": {"name": "tc_resnet8", "variant": {}},
    "window_s": 1.3,
    "macs": 1_941_600.0,
    "file_bytes": 83_200,
    "arena_bytes": 10_240,
    "latency_us": None,
    "times": {"speech": {"seconds": 120.0, "cpu_seconds": 240.0}, "tracks": {"seconds": 60.0, "cpu_seconds": 90.0}},
}


def test_the_record_is_told() -> None:
    detector, times = wakeword_tables(RECORD)
    cells = {row[0]: row[1] for row in detector.rows}
    assert detector.title.startswith("'hey computer'")
    assert cells["missed"] == "5.0 % [1.0, 14.0] % of 60"
    assert cells["false accepts an hour"].startswith("0.5 (3 in 6 h)")
    assert "an answer here" not in cells
    assert times.rows[-1] == ("all", "3.0", "5.5")


def test_a_timed_network_tells_its_time() -> None:
    assert "an answer here" in {row[0] for row in wakeword_tables(RECORD | {"latency_us": 80.0})[0].rows}
