"""Folders of recorded words and phrases, of noise, as the benchmark of phrases takes them."""

import csv
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.phrase.audio import PHRASES
from tfkws.data.splits import split_of

NAMES = [f"{number:08x}_nohash_0.wav" for number in range(200)]


def write(path: Path, seconds: float, seed: int) -> None:
    """Write noise as a recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16_000)), 16_000)


def words_folder(folder: Path) -> Path:
    """Write "happy" and "yes" of three testing speakers each, and six clips of "happy" of a training speaker."""
    testing = [name for name in NAMES if split_of(f"happy/{name}") == "testing"][:3]
    training = next(name for name in NAMES if split_of(f"happy/{name}") == "training")
    for number, name in enumerate(testing):
        write(folder / "happy" / name, 1.0, number)
        write(folder / "yes" / name, 1.0, 10 + number)
    for take in range(6):
        write(folder / "happy" / training.replace("_0.wav", f"_{take}.wav"), 1.0, 20 + take)
    return folder


def phrases_folder(folder: Path, takes: int = 2, **speakers: str) -> Path:
    """Write so many recordings of each phrase and as many sentences, with an index; of some the speaker is known."""
    rows = []
    for number, phrase in enumerate([*PHRASES, "sentences"]):
        for take in range(takes):
            file = f"{phrase}/{take}.wav"
            write(folder / file, 1.5, 100 + 20 * number + take)
            rows.append({"file": file, "phrase": phrase, "speaker": speakers.get(phrase, "")})
    with (folder / "index.csv").open("w", newline="") as index:
        writer = csv.DictWriter(index, ["file", "phrase", "speaker"])
        writer.writeheader()
        writer.writerows(rows)
    return folder
