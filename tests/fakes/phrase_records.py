"""Records of the benchmark of phrases, made by hand: of an earlier version, and as they are written now."""

from typing import Any


def counts(misses: int, utterances: int, events: int, hours: float, after: tuple[str, ...] = ()) -> dict[str, Any]:
    share = misses / utterances if utterances else None
    rejects = {"misses": misses, "utterances": utterances, "share": share, "interval": [0.0, 0.2], "speakers": 5}
    accepted = [{"time_s": 1.0, "score": 0.9, "after": file} for file in after]
    missed = [{"file": f"computer/{number}.ogg", "start_s": 0.0, "end_s": 1.0} for number in range(misses)]
    rate = {"events": events, "hours": hours}
    return {"rejects": rejects, "false_accepts": rate, "accepted": accepted, "missed": missed}


def record() -> dict[str, Any]:
    points = [
        {"threshold": 0.5, "false_accepts": 9, "hours": 4.0, "misses": 1, "utterances": 10, "doubles": 0},
        {"threshold": 0.8, "false_accepts": 2, "hours": 4.0, "misses": 3, "utterances": 10, "doubles": 0},
        {"threshold": 0.9, "false_accepts": 0, "hours": 4.0, "misses": 6, "utterances": 10, "doubles": 0},
    ]
    files = {
        "computer": counts(2, 10, 0, 0.1),
        "sentences": counts(0, 0, 3, 3.9, ("sentences/1.ogg", "sentences/2.ogg", "")),
    }
    return {
        "run": "computer-quick-text-seed0",
        "recorded": {"files": files, "curve": points},
        "validation": {
            "misses": 1,
            "utterances": 100,
            "missed_interval": [0.0, 0.05],
            "false_accepts": {"events": 3, "hours": 6.0},
        },
        "detector": {"threshold": 0.8, "window_ms": 200.0},
        "model": {"name": "tc_resnet8", "variant": {}},
        "window_s": 1.0,
        "macs": 1.66e6,
        "file_bytes": 83_000,
        "arena_bytes": 10_000,
        "times": {
            "speech": {"seconds": 60.0, "cpu_seconds": 120.0},
            "training": {"seconds": 60.0, "cpu_seconds": 60.0},
        },
    }


def run_record(phrase: str, part: str, seed: int, misses: int, *, nobody: bool = False) -> dict[str, Any]:
    """Return a record as it is written now: `misses` of ten recordings, or of none where nobody recorded it."""
    found = record()
    files = found["recorded"]["files"]
    spoken = counts(0 if nobody else misses, 0 if nobody else 10, 0, 0.1)
    tested = {} if nobody else {"": [f"computer/{number}.ogg" for number in range(10)]}
    found["recorded"]["files"] = {
        phrase: spoken | {"tested": tested},
        "sentences": files["sentences"] | {"tested": {}},
    }
    voices = {"kokoro/a": ["s/0.wav", "s/1.wav"], "espeak/b": ["s/2.wav", "s/3.wav"]}
    synthetic = counts(0, 4, 1, 1.0) | {"missed": [{"file": "s/0.wav"}], "tested": voices}
    return found | {
        "version": 2,
        "run": f"{phrase}-quick-{part}-seed{seed}",
        "part": part,
        "machine": {"cpu": "a made-up processor", "cores": 2},
        "int8_bytes": 83_000,
        "measured_arena_bytes": 29_344,
        "exports": {
            "python": {"made": True, "facts": {}, "loaded": True, "consumer": "sound"},
            "esphome": {"made": False, "why": "It has another front end."},
        },
        "own_voice": None,
        "synthetic": synthetic,
    }
