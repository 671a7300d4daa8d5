"""The record of a run of `tfkws wakeword`, made up."""

import copy
from typing import Any

from tfkws.detect.rates import HourlyRate
from tfkws.intervals import share_interval

EFFORT = {"training_hours": 2.5, "validation_hours": 6.0, "steps": 4_000, "rounds": 2}
NEW = ("limits", "voices", "gate", "rates", "curve")  # what records of earlier versions lack


def counted(misses: int, false_accepts: int, utterances: int = 60, hours: float = 6.0) -> dict[str, Any]:
    """Misses and false accepts with their intervals."""
    return {
        "misses": misses,
        "utterances": utterances,
        "missed_interval": list(share_interval(misses, utterances)),
        "false_accepts": HourlyRate(false_accepts, hours).to_dict(),
    }


def made_up_record(**changes: Any) -> dict[str, Any]:
    """A record with a part replaced."""
    split = {
        "clips": 480,
        "agreement": 0.99,
        "reference_accuracy": 0.97,
        "candidate_accuracy": 0.96,
        "difference_interval": [-0.02, 0.01],
    }
    record: dict[str, Any] = {
        "settings": {
            "phrase": "hey computer",
            "phonemes": "",
            "language": "en",
            "engines": ["espeak", "kokoro"],
            "quick": True,
            "seed": 3,
            "front_end": "logmel-40x98",
            "model": "",
            "false_accepts_per_hour": 0.5,
            "sizes": None,
            "effort": EFFORT,
        },
        "limits": {"max_macs": 3e6, "max_kib": None, "max_arena_kib": 32, "max_latency_us": None},
        "sources": ["speech"],
        "utterances": {"training phrase": 240, "validation phrase": 20, "training recorded": 1_234},
        "voices": [
            {
                "engine": "espeak",
                "voices": {"training": 120, "validation": 30},
                "utterances": {"training": 200, "validation": 50},
            }
        ],
        "window_s": 1.3,
        "model": {"name": "tc_resnet8", "variant": {}},
        "macs": 1_941_600.0,
        "file_bytes": 83_200,
        "arena_bytes": 10_240,
        "arena": "measured by TensorFlow Lite Micro",
        "latency_us": None,
        "bundle": "hey_computer.kws",
        "gate": {"passed": True, "gate_points": 0.5, "judged_on": "validation", "splits": {"validation": split}},
        "rounds": [
            {"steps": 2_000, "mined": 8_000, "misses": None, "threshold": None},
            {"steps": 4_000, "mined": 0, "misses": 0.25, "threshold": 0.75},
        ],
        "detector": {"threshold": 0.8125, "window_ms": 200.0},
        "validation": {"source": "synthetic", **counted(3, 3)},
        "rates": [
            {"wanted_per_hour": 0.1, "threshold": None},
            {"wanted_per_hour": 0.5, "threshold": 0.8125, **counted(3, 3)},
            {"wanted_per_hour": 2.0, "threshold": 0.5, **counted(0, 12)},
        ],
        "curve": [
            {"threshold": 0.9, "false_accepts": 0, "misses": 12},
            {"threshold": 0.8125, "false_accepts": 3, "misses": 3},
            {"threshold": 0.5, "false_accepts": 12, "misses": 0},
        ],
        "times": {
            "speech": {"seconds": 120.0, "cpu_seconds": 240.0},
            "tracks": {"seconds": 60.0, "cpu_seconds": 90.0},
        },
    }
    return copy.deepcopy(record) | changes


def earlier_record() -> dict[str, Any]:
    """A record as earlier versions wrote it."""
    return {name: value for name, value in made_up_record().items() if name not in NEW}
