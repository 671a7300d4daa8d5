"""Which engines help to recognise people: small networks, each without the voices of one, tested on recorded speakers.

    python -m benchmarks phrase/voices --phrases PHRASES [--words computer,athena] [--seeds 2]

PHRASES is a folder of recorded phrases and sentences with an `index.csv` that names file, phrase and language. All sets
of engines give the same number of seconds to one small network, which is trained for a minute: what is compared are
voices, not detectors. What has a record is not made again. No audio is published.
"""

import argparse
import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import say
from benchmarks.voices.tables import RUNS, write_tables
from tfkws.data.audio.files import SAMPLE_RATE_HZ, read_resampled, to_int16
from tfkws.run_folder import write_json

__all__ = ["add_options", "measure", "write_tables"]

ALL = ("espeak", "kokoro", "piper", "pico", "flite")
SETS = {
    "all five": ALL,
    **{f"without {name}": tuple(each for each in ALL if each != name) for name in ("kokoro", "espeak")},
    **{f"{name} alone": (name,) for name in ("kokoro", "espeak")},
    **{f"without {name}": tuple(each for each in ALL if each != name) for name in ("piper", "pico", "flite")},
}
EVENTS_PER_HOUR = (2.0, 10.0)
NEVER_SAID = ("sentences", "not_wake_words")  # folders in which no phrase of this page occurs
EVERY = 2  # of them is heard
_PAD_S = 1.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of training and hearing."""
    parser.add_argument("--phrases", type=Path, help="folder of recorded phrases with an index.csv")
    parser.add_argument("--words", default="computer,athena", help="phrases, by commas")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each set, with seeds 0, 1, ...")


def measure(options: argparse.Namespace) -> None:
    """Train and hear what has no record."""
    if options.phrases is None:
        raise SystemExit("Give --phrases, a folder of recordings, or --tables.")
    words = options.words.split(",")
    for seed in range(options.seeds):
        for word in words:
            todo = [name for name in SETS if not _record(options.out, word, name, seed).exists()]
            if todo:
                _measure_word(word, todo, seed, options)


def _measure_word(word: str, todo: Sequence[str], seed: int, options: argparse.Namespace) -> None:
    from benchmarks.voices.material import engine_pools, laid_seconds
    from benchmarks.voices.network import train

    pools = engine_pools(word, ALL, os.cpu_count() or 1)
    said, unsaid = read_signals(options.phrases, word)
    for name in todo:
        clips, labels = laid_seconds([pools[engine] for engine in SETS[name]], seed)
        trained = train(clips, labels, seed)
        record = {"phrase": word, "engines": name, "seed": seed, **judge(trained, said, unsaid)}
        write_json(_record(options.out, word, name, seed), record)
        say(f"{word}, {name}, seed {seed}: {record['missed']}")


def _record(out: Path, word: str, name: str, seed: int) -> Path:
    return out / RUNS / f"{word.replace(' ', '_')}-{name.replace(' ', '_')}-seed{seed}.json"


def read_signals(folder: Path, word: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return recordings of a phrase, and others in which it does not occur: float32 at 16 kHz, a faint hiss around."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == "en"]
    said = [row["file"] for row in rows if row["phrase"] == word.replace(" ", "_")]
    unsaid = [row["file"] for row in rows if row["phrase"] in NEVER_SAID][::EVERY]
    return [_read(folder / name) for name in said], [_read(folder / name) for name in unsaid]


def _read(path: Path) -> np.ndarray:
    pad = np.random.default_rng(0).normal(0, 1e-4, round(_PAD_S * SAMPLE_RATE_HZ)).astype(np.float32)
    return to_int16(np.concatenate([pad, read_resampled(path), pad]))


def judge(trained: Any, said: Sequence[np.ndarray], unsaid: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return which recordings are missed where other speech sets it off as often as `EVENTS_PER_HOUR`.

    The threshold is the lowest that keeps to that on this very speech: it compares voices, and is no detector's.
    """
    from benchmarks.voices.network import event_peaks, scores

    highest = np.array([values.max() for values in scores(trained, said)])
    other = scores(trained, unsaid)
    hours = sum(len(signal) / SAMPLE_RATE_HZ - 2 * _PAD_S for signal in unsaid) / 3600
    thresholds = np.unique(np.concatenate([np.linspace(0.02, 1, 99), 1 - np.geomspace(1e-6, 1e-2, 60)]))
    events = np.array([sum(event_peaks(values, each) for values in other) for each in thresholds])
    missed, found = {}, {}
    for wanted in EVENTS_PER_HOUR:
        keeps = thresholds[events <= wanted * hours]
        threshold = float(keeps.min()) if len(keeps) else 1.1
        missed[f"{wanted:g}"] = round(float(np.mean(highest < threshold)), 4)
        found[f"{wanted:g}"] = "".join("1" if value >= threshold else "0" for value in highest)
    return {"recordings": len(said), "hours": round(hours, 3), "missed": missed, "found": found}
