"""A score of long audio as its file holds it."""

from typing import Any


def row(name: str, events: int, misses: int, named: bool = True) -> dict[str, Any]:
    """Return a row of so many false accepts in two hours and misses of 40 words."""
    accepts = {"events": events, "hours": 2.0, "per_hour": events / 2, "interval": [0.1, 5.8]}
    rejects = {"misses": misses, "utterances": 40, "share": misses / 40, "interval": [0.02, 0.2], "speakers": 9}
    return {"name": name, "false_accepts": accepts, "rejects": rejects | {"named": named}, "doubles": 3}


def made_up_score() -> dict[str, Any]:
    """Return what `long-audio-kws10-int8-0a1b2c3d.json` could hold."""
    point = {"threshold": 0.75, "false_accepts": 1, "hours": 2.0, "misses": 4, "utterances": 40, "doubles": 0}
    settings = {"hop_ms": 100.0, "window_ms": 300.0, "threshold": 0.8125, "refractory_ms": 1000.0}
    return {
        "bundle": "kws10-int8.kws",
        "words": ["happy"],
        "settings": settings,
        "counting": {"latency_ms": 1000.0, "false_accepts_per_hour": 1.5},
        "files": [{"training_speakers": 0}],
        "mixes": ["recorded", "composed"],
        "sources": [row("recorded", 0, 2, named=False), row("composed", 4, 2)],
        "total": row("all", 4, 4),
        "by_snr": [row("clean", 1, 1)],
        "by_room": [row("dry", 1, 1)],
        "triggers": [["a sentence", 3], ["cat", 1]],
        "delay_s": -0.3,
        "curves": {"composed": [point | {"threshold": 0.1 * n, "false_accepts": 40 - n} for n in range(1, 41)]},
        "wanted": point,
    }
