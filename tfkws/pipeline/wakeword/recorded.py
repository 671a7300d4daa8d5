"""Recordings that a user has: other speech, the phrase in their own voice, what a detector was mistaken about."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfkws.config import BACKGROUND_NOISE
from tfkws.data.audio.files import SAMPLE_RATE_HZ, read_resampled, to_int16
from tfkws.data.clip_index import read_index, word_of
from tfkws.data.draws import draw, keyed_hash
from tfkws.data.folder_scan import audio_below
from tfkws.data.prepare.synthetic_clip import trim
from tfkws.data.splits import split_of
from tfkws.errors import AudioError
from tfkws.names import on_disk
from tfkws.wakeword.pools import SPLITS, Kind, LaidSplit
from tfkws.wakeword.said import said_span

MOST_CLIPS: dict[LaidSplit, int] = {"training": 6_000, "validation": 1_500}
NOISE_PARTS: dict[LaidSplit, tuple[float, float]] = {"training": (0.0, 0.8), "validation": (0.8, 0.9)}
STRETCH_S = 6.0  # long recordings are laid in stretches
LONGEST_S = 3_600.0  # of one file
Groups = dict[tuple[LaidSplit, Kind], list[np.ndarray]]


def read_speech(folder: Path, phrase: str, seed: int) -> Groups:
    """Read speech without the phrase, and noises where the folder is in Speech Commands' layout.

    There, clips of speakers of testing and folders named by the phrase are left out. Of any other folder one file in
    ten goes to validation.

    Raises:
        DataError: the folder is missing or holds no audio.
    """
    if (folder / BACKGROUND_NOISE).is_dir() or _has_word_folders(folder):
        return _read_words(folder, phrase, seed)
    files = audio_below(folder)
    split_files: dict[LaidSplit, list[str]] = {"training": [], "validation": []}
    for file in files:
        split_files["validation" if keyed_hash("speech", file) % 10 == 0 else "training"].append(file)
    found: Groups = {}
    for split in SPLITS:
        found[split, "recorded"] = [
            stretch for file in split_files[split] for stretch in stretches(_read(folder / on_disk(file)))
        ]
    return found


def read_own(folder: Path, kind: Kind) -> Groups:
    """Read recordings of the phrase ("own"), cut at what is said, or of what it was mistaken for.

    One file in five goes to validation where there are at least five, so that the threshold knows of them; the rest to
    training.
    """
    files = audio_below(folder)
    cut = _said if kind == "own" else trim
    samples = [to_int16(cut(_read(folder / on_disk(file)))) for file in files]
    every_fifth = samples[::5] if len(samples) >= 5 else []
    rest = [each for number, each in enumerate(samples) if number % 5 or not every_fifth]
    return {("training", kind): rest, ("validation", kind): every_fifth}


def _said(audio: np.ndarray) -> np.ndarray:
    start, end = said_span(audio)
    return audio[start:end]


def stretches(audio: np.ndarray) -> list[np.ndarray]:
    """Cut long audio, float32 (n,), into stretches of at most `STRETCH_S`, int16."""
    size = round(STRETCH_S * SAMPLE_RATE_HZ)
    return [to_int16(audio[first : first + size]) for first in range(0, len(audio), size)]


def _has_word_folders(folder: Path) -> bool:
    return folder.is_dir() and any("_nohash_" in path.name for path in folder.glob("[!_.]*/*_nohash_*.wav"))


def _read_words(folder: Path, phrase: str, seed: int) -> Groups:
    index = read_index(folder)
    others = [file for file in index.files if word_of(file) != phrase and not word_of(file).startswith("_")]
    found: Groups = {}
    for split in SPLITS:
        mine = [file for file in others if split_of(file) == split]
        chosen = draw(mine, MOST_CLIPS[split], seed, "speech")
        found[split, "recorded"] = _read_all([index.path(file) for file in chosen])
    noises = _read_all([index.path(file) for file in index.noises])
    for split in SPLITS:
        begin, end = NOISE_PARTS[split]
        found[split, "noise"] = [noise[round(begin * len(noise)) : round(end * len(noise))] for noise in noises]
    return found


def _read_all(paths: Sequence[Path]) -> list[np.ndarray]:
    """Read what can be read."""
    found = []
    for path in paths:
        try:
            found.append(to_int16(_read(path)))
        except AudioError:
            continue
    return [samples for samples in found if np.any(samples)]


def _read(path: Path) -> np.ndarray:
    return read_resampled(path)[: round(LONGEST_S * SAMPLE_RATE_HZ)]
