"""A data folder of tones for composing timelines: two words, a noise, a room response."""

from pathlib import Path

import numpy as np
import soundfile

from tfkws.data.splits import split_of

RATE = 16_000
WORDS = ("happy", "cat")


def write_clips(folder: Path, speakers: int = 30) -> Path:
    """Write a clip of each word by every speaker, one noise of 20 s and one response; return the folder."""
    for word, step in zip(WORDS, (0.1, 0.25), strict=True):
        (folder / word).mkdir(parents=True)
        for number in range(speakers):
            clip = 0.3 * np.sin(step * np.arange(RATE) * (1 + number / 100))
            soundfile.write(folder / word / f"{number * 7919:08x}_nohash_0.wav", clip, RATE, subtype="PCM_16")
    for name, samples in (("_background_noise_/hiss", _hiss()), ("_room_impulse_responses_/hall", _hall())):
        path = folder / f"{name}.wav"
        path.parent.mkdir()
        soundfile.write(path, samples, RATE, subtype="PCM_16")
    return folder


def write_sentences(folder: Path, count: int = 12, seconds: float = 4.0) -> Path:
    """Write recordings of a rising tone; return the folder."""
    folder.mkdir()
    for number in range(count):
        sweep = 0.2 * np.sin(np.cumsum(np.linspace(0.05, 0.5, round(seconds * RATE))))
        soundfile.write(folder / f"said_{number:02d}.wav", sweep, RATE, subtype="PCM_16")
    return folder


def files_of(split: str, word: str, folder: Path) -> set[str]:
    """Return a word's clips of a split, below the folder."""
    files = {f"{word}/{path.name}" for path in (folder / word).iterdir()}
    return {file for file in files if split_of(file) == split}


def _hiss() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.05, 20 * RATE)


def _hall() -> np.ndarray:
    decay = np.exp(-np.arange(4_000) / 800)
    return 0.5 * decay * np.random.default_rng(2).choice([-1, 1], 4_000) + np.eye(1, 4_000)[0] * 0.5
